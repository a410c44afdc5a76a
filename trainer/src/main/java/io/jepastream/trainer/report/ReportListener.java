package io.jepastream.trainer.report;

/** Whom a report tells how it goes, and who may stop it. */
public interface ReportListener {
    /** Something has been done: a line of text. */
    void say(String line);

    /** Whether to stop soon; what is done stays. */
    boolean stopping();
}
