//! One server a data directory.

use std::{
    fs::{File, OpenOptions, TryLockError},
    io::{Read, Seek, Write},
    path::Path,
};

use crate::{Error, Result};

/// Holds a data directory until it is dropped, or until the process ends in whatever way.
#[derive(Debug)]
pub struct DataLock {
    _file: File,
}

impl DataLock {
    /// Takes the directory, which is made when it is missing; `holder` is what another server will say of this one.
    ///
    /// # Errors
    /// Where another server holds it, or where it cannot be written.
    pub fn take(directory: &Path, holder: &str) -> Result<Self> {
        let failed = |source| Error::Directory { directory: directory.to_owned(), source };
        std::fs::create_dir_all(directory).map_err(failed)?;
        let path = directory.join("plinth.lock");
        let mut file =
            OpenOptions::new().read(true).write(true).create(true).truncate(false).open(path).map_err(failed)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let mut holder = String::new();
                file.read_to_string(&mut holder).map_err(failed)?;
                return Err(Error::InUse { directory: directory.to_owned(), holder: holder.trim().to_owned() });
            }
            Err(TryLockError::Error(source)) => return Err(failed(source)),
        }
        file.set_len(0).and_then(|()| file.rewind()).and_then(|()| writeln!(file, "{holder}")).map_err(failed)?;
        Ok(Self { _file: file })
    }
}

/// Waits until nobody else opens the database of a directory, which is made when it is missing. Held until it is dropped.
pub(crate) async fn turn(directory: &Path) -> Result<File> {
    let path = directory.to_owned();
    let taken = tokio::task::spawn_blocking(move || {
        std::fs::create_dir_all(&path)?;
        let options = OpenOptions::new().write(true).create(true).truncate(false).clone();
        let file = options.open(path.join("plinth.opening"))?;
        file.lock()?;
        Ok(file)
    });
    let taken = taken.await.unwrap_or_else(|ended_badly| Err(std::io::Error::other(ended_badly)));
    taken.map_err(|source| Error::Directory { directory: directory.to_owned(), source })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_server_on_one_directory_is_refused_and_told_who_holds_it() {
        let directory = tempfile::tempdir().unwrap();
        let first = DataLock::take(directory.path(), "process 7").unwrap();
        let refused = DataLock::take(directory.path(), "process 8").unwrap_err();
        assert!(refused.to_string().contains("is in use by process 7"), "{refused}");
        drop(first);
        DataLock::take(directory.path(), "process 8").unwrap();
    }
}
