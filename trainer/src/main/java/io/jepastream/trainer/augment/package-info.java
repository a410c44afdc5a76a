/** What is done to the pictures of training clips beside cropping them: RandAugment and random erasing. */
@NullMarked
package io.jepastream.trainer.augment;

import org.jspecify.annotations.NullMarked;
