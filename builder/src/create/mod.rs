//! From a root tree to images: one file per packer. No loop device, no mount on the host, no root.

pub mod archive;
pub mod disk;
pub mod fat;
