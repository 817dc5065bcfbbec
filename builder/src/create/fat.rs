//! A FAT file system written in user space (the EFI system partition), the same bytes for the same files.

use std::fs::File;
use std::io::{BufReader, Write};
use std::path::Path;

use crate::error::{BuildError, IoContext};

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

/// Files and folders below a directory, in a fixed order; links and what else FAT does not know is left out.
fn entries(dir: &Path) -> impl Iterator<Item = Result<walkdir::DirEntry, BuildError>> {
    let walk = walkdir::WalkDir::new(dir).min_depth(1).sort_by_file_name();
    let known = |entry: &walkdir::DirEntry| entry.file_type().is_file() || entry.file_type().is_dir();
    walk.into_iter().filter_map(move |entry| match entry {
        Ok(entry) if !known(&entry) => None,
        Ok(entry) => Some(Ok(entry)),
        Err(error) => Some(Err(std::io::Error::from(error)).at("cannot read", dir)),
    })
}

/// Bytes of a file system that holds what is below `dir`.
pub fn need(dir: &Path) -> Result<u64, BuildError> {
    let mut sum = 1 << 20;
    for entry in entries(dir) {
        let entry = entry?;
        let meta = entry.metadata().map_err(std::io::Error::from);
        sum += meta.at("cannot read", entry.path())?.len().next_multiple_of(4096);
    }
    Ok(sum)
}

/// Writes what is below `dir` as a FAT file system of `size` bytes at `to`.
pub fn write(to: &Path, size: u64, id: u32, dir: &Path) -> Result<(), BuildError> {
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
    for entry in entries(dir) {
        let entry = entry?;
        let path = entry.path().strip_prefix(dir).unwrap_or(Path::new(""));
        let path = path.to_string_lossy();
        if entry.file_type().is_dir() {
            fs.root_dir().create_dir(&path).at(wrong, to)?;
            continue;
        }
        // Names that differ in case only are one name here: the last one wins.
        let mut file = fs.root_dir().create_file(&path).at(wrong, to)?;
        file.truncate().at(wrong, to)?;
        let from = File::open(entry.path()).at("cannot read", entry.path())?;
        let mut from = BufReader::with_capacity(1 << 20, from);
        std::io::copy(&mut from, &mut file).map(drop).at(wrong, to)?;
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
        let boot = dir.path().join("esp/EFI/BOOT");
        std::fs::create_dir_all(&boot).expect("it is made");
        std::fs::write(boot.join("BOOTX64.EFI"), vec![5; 70_000]).expect("it is written");
        std::os::unix::fs::symlink("/etc/passwd", dir.path().join("esp/link")).expect("it is made");
        let make = |name: &str| {
            let path = dir.path().join(name);
            write(&path, 20 << 20, 7, &dir.path().join("esp")).expect("it is written");
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
        assert_eq!(
            fs.root_dir()
                .iter()
                .filter(|e| e.as_ref().is_ok_and(|e| e.file_name() == "link"))
                .count(),
            0
        );
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
        let esp = dir.path().join("esp");
        std::fs::create_dir(&esp).expect("it is made");
        std::fs::write(esp.join("a"), vec![1; 4 << 20]).expect("it is written");
        assert!(need(&esp).expect("it reads") > 4 << 20);
        assert!(write(&dir.path().join("x"), 2 << 20, 7, &esp).is_err());
    }
}
