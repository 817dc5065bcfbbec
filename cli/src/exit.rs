//! The exit codes of every verb, in one place.

/// How the process ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Exit(pub u8);

impl Exit {
    /// Done.
    pub const DONE: Self = Self(0);
    /// The description is wrong.
    pub const DESCRIPTION: Self = Self(1);
    /// Wrong usage, or it could not run.
    pub const USAGE: Self = Self(2);
    /// Packages or repositories: worth another try.
    pub const PACKAGES: Self = Self(3);
    /// The host lacks something.
    pub const HOST: Self = Self(4);
    /// A script of the description failed.
    pub const SCRIPT: Self = Self(5);
    /// The boot check failed.
    pub const BOOT: Self = Self(6);
    /// Nobody reads what is printed any more.
    pub const NO_READER: Self = Self(128 + 13);
    /// A fault of Apteryx.
    pub const FAULT: Self = Self(70);

    /// The code of a build error (128 + signal where it was cancelled).
    pub fn of(error: &apteryx_builder::error::BuildError) -> Self {
        Self(u8::try_from(error.exit_code()).unwrap_or(Self::FAULT.0))
    }
}

impl From<Exit> for std::process::ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.0)
    }
}
