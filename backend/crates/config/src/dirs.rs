//! Directories, made absolute, and what has a fixed place below the data directory.

use std::path::{self, PathBuf};

use crate::{
    Config, Error,
    parse::Vars,
    variables::{DATA_DIR, Variable},
};

/// Longest path of a Unix socket: the system takes 107 bytes, and nginx puts a suffix on it while it takes over
/// the socket of its predecessor.
const SOCKET_PATH_MAX: usize = 100;

impl Config {
    /// The socket of nginx's internal server: stat and control. Hooks come by the public one, from loopback.
    pub fn nginx_socket(&self) -> PathBuf {
        socket_below(&self.data_dir)
    }

    /// Where the nginx configuration is rendered to.
    pub fn nginx_dir(&self) -> PathBuf {
        self.data_dir.join("nginx")
    }

    /// Playlists that nginx sends by itself, in files named after their addresses. Nobody else may look into it.
    pub fn handover_dir(&self) -> PathBuf {
        self.data_dir.join("run").join("rewound")
    }

    /// Where nginx says to whom it has sent such playlists. Only ever a few seconds of it are there.
    pub fn answered_log(&self) -> PathBuf {
        self.data_dir.join("run").join("rewound.log")
    }

    /// nginx's segments, a directory for each publish session.
    pub fn spool_dir(&self) -> PathBuf {
        self.data_dir.join("spool").join("hls")
    }

    /// Segments that were taken in, a directory for each channel.
    pub fn archive_dir(&self) -> PathBuf {
        self.data_dir.join("archive")
    }

    /// The object store, where that is a directory.
    pub fn objects_dir(&self) -> PathBuf {
        self.data_dir.join("objects")
    }

    /// What clips are made of and from, while they are made.
    pub fn clipper_dir(&self) -> PathBuf {
        self.data_dir.join("clipper")
    }

    /// Thumbnails that are being made.
    pub fn thumbnailer_dir(&self) -> PathBuf {
        self.data_dir.join("thumbnailer")
    }

    /// Mail that was not sent because there is no mail server.
    pub fn outbox_dir(&self) -> PathBuf {
        self.data_dir.join("outbox")
    }
}

pub(crate) fn data_dir(vars: &Vars) -> Result<PathBuf, Error> {
    let data_dir = read(vars, &DATA_DIR)?;
    let socket = socket_below(&data_dir);
    if socket.as_os_str().len() > SOCKET_PATH_MAX {
        return Err(Error::SocketPath {
            socket,
            max: SOCKET_PATH_MAX,
        });
    }
    Ok(data_dir)
}

pub(crate) fn read(vars: &Vars, variable: &Variable) -> Result<PathBuf, Error> {
    let dir = vars.required(variable, |text| path::absolute(text).ok())?;
    let plain = |text: &str| !text.contains(|c: char| c.is_control() || r#""'\;:${}"#.contains(c));
    match dir.to_str() {
        Some(text) if plain(text) => Ok(dir),
        _ => Err(Error::invalid(variable)),
    }
}

fn socket_below(data_dir: &path::Path) -> PathBuf {
    data_dir.join("run").join("nginx.sock")
}
