//! What an image is started by: boot loaders, kernels and their command lines, initrds, consoles. Judges nothing itself.

pub(super) mod console;
pub(super) mod dracut_modules;
pub(super) mod grub_settings;
pub(super) mod initrd_modules;
pub(super) mod kernel_line;
pub(super) mod kernel_pairs;
pub(super) mod kernel_root;
pub(super) mod kernel_values;
mod kernel_words;
pub(super) mod kernels;
mod kiwi_words;
pub(super) mod loader_firmware;
pub(super) mod loader_machines;
pub(super) mod loaders;
pub(super) mod selinux;
pub(super) mod tools;
