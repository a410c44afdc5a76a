package io.jepastream.app;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.jepastream.probeheads.LabelScores;
import io.jepastream.probeheads.ProbeHead;
import io.jepastream.trainer.data.VideoFile;
import io.jepastream.trainer.data.VideoSet;
import io.jepastream.trainer.eval.Accuracy;
import io.jepastream.trainer.eval.Protocol;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;

/** Scores whole videos by a protocol of the papers: a line of JSON for each, and how often the heads were right. */
final class ProtocolRun {
    private final RecordJson json = new RecordJson(false);
    private final Protocol protocol;
    private final ServedModel model;
    private final int top;

    ProtocolRun(Protocol protocol, ServedModel model, int top) {
        if (model.heads().isEmpty()) {
            throw new UsageException("--views, --segments and --list score videos by heads: want a model with one");
        }
        if (!model.raw().takes(protocol.frames())) {
            throw new UsageException("--frames: want whole tubelets that the model takes, got " + protocol.frames());
        }
        this.protocol = protocol;
        this.model = model;
        this.top = top;
    }

    /** Returns how many videos could not be read; each is named on {@code errors}. */
    int run(VideoSet set, Path out, PrintWriter summary, PrintWriter errors) throws IOException {
        Map<ProbeHead, Accuracy> accuracies = new LinkedHashMap<>();
        model.heads().forEach(head -> accuracies.put(head, new Accuracy(head.labels())));
        int failures = 0;
        List<VideoSet.Video> videos = set.videos();
        try (BufferedWriter lines = Files.newBufferedWriter(out, StandardCharsets.UTF_8);
                ProgressBar bar = new ProgressBarBuilder()
                        .setTaskName("extract " + protocol)
                        .setInitialMax(videos.size())
                        .setUnit(" videos", 1)
                        .setUpdateIntervalMillis(500)
                        .build()) {
            for (int i = 0; i < videos.size(); i++) {
                ObjectNode line = json.object();
                line.put("video", videos.get(i).file().toString());
                videos.get(i).label().ifPresent(label -> line.put("label", label));
                try {
                    score(videos.get(i), i, line, accuracies);
                } catch (IOException e) {
                    line.put("failed", String.valueOf(e.getMessage()));
                    errors.printf("%n%s%n", e.getMessage());
                    failures++;
                }
                lines.write(json.text(line));
                lines.newLine();
                bar.step();
            }
        }
        summary.printf("%n%d videos by %s, %d could not be read: %s%n", videos.size(), protocol, failures, out);
        accuracies.forEach((head, accuracy) -> summary.printf("%s: %s%n", head.name(), accuracy));
        summary.flush();
        return failures;
    }

    private void score(VideoSet.Video video, int number, ObjectNode line, Map<ProbeHead, Accuracy> accuracies)
            throws IOException {
        Map<String, float[][]> logits = model.raw()
                .classify(
                        protocol.clips(new VideoFile(video.file()), model.transform(), number),
                        protocol.acrossSegments());
        ObjectNode heads = line.putObject("labels");
        accuracies.forEach((head, accuracy) -> {
            float[] probabilities = LabelScores.mean(logits.getOrDefault(head.name(), new float[0][]));
            ArrayNode best = heads.putArray(head.name());
            for (LabelScores.Score score : LabelScores.best(probabilities, head.labels(), top)) {
                best.addObject().put("label", score.label()).put("probability", score.probability());
            }
            video.label().ifPresent(truth -> accuracy.add(probabilities, truth));
        });
    }
}
