//! Packs a root tree into an image: one file per packer. No loop device, no device mapper, no mount on the host.
