/** V-JEPA 2 models as Hugging Face directories: config.json, safetensors and a preprocessor's configuration. */
@NullMarked
package io.jepastream.encoder.huggingface;

import org.jspecify.annotations.NullMarked;
