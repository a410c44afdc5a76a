/** Self-supervised pretraining: predicting the features of hidden parts of videos (arXiv:2404.08471). */
@NullMarked
package io.jepastream.trainer.pretrain;

import org.jspecify.annotations.NullMarked;
