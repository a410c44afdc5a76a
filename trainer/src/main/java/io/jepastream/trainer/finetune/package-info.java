/** Fine-tuning: encoder and head learn together from labelled videos. */
@NullMarked
package io.jepastream.trainer.finetune;

import org.jspecify.annotations.NullMarked;
