//! The only place with namespaces, mounts and process spawning. Distro code runs in its own user, mount, pid and ipc
//! namespaces, with a fresh proc, a tmpfs /dev, and never the host's /dev. Cancel = end the namespace's init.
