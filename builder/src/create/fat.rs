//! A FAT file system written in user space (the EFI system partition), the same bytes for the same files.

use std::fs::File;
use std::io::{BufReader, Write};
use std::path::{Path, PathBuf};

use crate::error::{BuildError, IoContext};

/// What a file on it holds.
#[derive(Debug, Clone)]
pub enum Content {
    /// These bytes.
    Bytes(Vec<u8>),
    /// The bytes of this file.
    File(PathBuf),
}

#[derive(Debug)]
struct Fixed;

impl fatfs::TimeProvider for Fixed {
    fn get_current_date(&self) -> fatfs::Date {
        fatfs::Date {
            year: 2000,
            month: 1,
            day: 1,
        }
    }
    fn get_current_date_time(&self) -> fatfs::DateTime {
        let time = fatfs::Time {
            hour: 0,
            min: 0,
            sec: 0,
            millis: 0,
        };
        fatfs::DateTime {
            date: self.get_current_date(),
            time,
        }
    }
}

/// Writes `files` (path with `/` to content; folders are made) as a FAT file system of `size` bytes at `to`.
pub fn write(to: &Path, size: u64, id: u32, files: &[(String, Content)]) -> Result<(), BuildError> {
    static TIME: Fixed = Fixed;
    let wrong = "cannot write";
    let disk = File::options()
        .read(true)
        .write(true)
        .create(true)
        .truncate(true)
        .open(to)
        .at(wrong, to)?;
    disk.set_len(size).at(wrong, to)?;
    let options = fatfs::FormatVolumeOptions::new()
        .volume_id(id)
        .volume_label(*b"EFI        ");
    fatfs::format_volume(&disk, options).at(wrong, to)?;
    let fs = fatfs::FileSystem::new(&disk, fatfs::FsOptions::new().time_provider(&TIME)).at(wrong, to)?;
    for (path, content) in files {
        let mut dir = fs.root_dir();
        let mut names: Vec<&str> = path.split('/').collect();
        let name = names.pop().unwrap_or_default();
        for folder in names {
            dir = dir.create_dir(folder).at(wrong, to)?;
        }
        let mut file = dir.create_file(name).at(wrong, to)?;
        match content {
            Content::Bytes(bytes) => file.write_all(bytes).at(wrong, to)?,
            Content::File(from) => {
                let mut from_file =
                    BufReader::with_capacity(1 << 20, File::open(from).at("cannot read", from)?);
                std::io::copy(&mut from_file, &mut file).map(drop).at(wrong, to)?;
            }
        }
        file.flush().at(wrong, to)?;
    }
    fs.unmount().at(wrong, to)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_read_back_and_two_writes_are_equal() {
        let dir = tempfile::tempdir().expect("a directory");
        let files = [("EFI/BOOT/BOOTX64.EFI".to_owned(), Content::Bytes(vec![5; 70_000]))];
        let make = |name: &str| {
            let path = dir.path().join(name);
            write(&path, 20 << 20, 7, &files).expect("it is written");
            std::fs::read(path).expect("it reads")
        };
        assert!(make("a") == make("b"));
        let fs = fatfs::FileSystem::new(
            File::open(dir.path().join("a")).map(ReadOnly).expect("it opens"),
            fatfs::FsOptions::new(),
        )
        .expect("a file system");
        let mut bytes = Vec::new();
        let mut file = fs
            .root_dir()
            .open_file("EFI/BOOT/BOOTX64.EFI")
            .expect("it is there");
        std::io::Read::read_to_end(&mut file, &mut bytes).expect("it reads");
        assert!(bytes == vec![5; 70_000]);
    }

    struct ReadOnly(File);
    impl std::io::Read for ReadOnly {
        fn read(&mut self, b: &mut [u8]) -> std::io::Result<usize> {
            self.0.read(b)
        }
    }
    impl std::io::Seek for ReadOnly {
        fn seek(&mut self, p: std::io::SeekFrom) -> std::io::Result<u64> {
            self.0.seek(p)
        }
    }
    impl Write for ReadOnly {
        fn write(&mut self, b: &[u8]) -> std::io::Result<usize> {
            Ok(b.len())
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn what_does_not_fit_is_an_error() {
        let dir = tempfile::tempdir().expect("a directory");
        let files = [("a".to_owned(), Content::Bytes(vec![1; 4 << 20]))];
        assert!(write(&dir.path().join("x"), 2 << 20, 7, &files).is_err());
    }
}
