/** Which tokens the encoder sees and which the predictor has to predict (arXiv:2404.08471, section 3 and appendix C). */
@NullMarked
package io.jepastream.trainer.mask;

import org.jspecify.annotations.NullMarked;
