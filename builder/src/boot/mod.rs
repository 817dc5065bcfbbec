//! Starts an image in QEMU with the firmware and devices its type needs, watches the serial console, ends with a verdict.
