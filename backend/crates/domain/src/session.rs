//! The life of a publish session: how it stands, and why it ended.

use serde::{Deserialize, Serialize};

/// How a publish session stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// The media server accepts its media.
    Live,
    /// Over; the reason says why.
    Ended,
    /// Never began; the reason says why.
    Refused,
}

impl State {
    /// The word stored and shown for this state.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Live => "live",
            Self::Ended => "ended",
            Self::Refused => "refused",
        }
    }

    /// The state a stored word stands for.
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Live, Self::Ended, Self::Refused]
            .into_iter()
            .find(|state| state.as_str() == word)
    }
}

/// Why a session ended or was refused. The words are stored, shown and stable.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EndReason {
    /// The encoder stopped, or closed its connection.
    EndedByEncoder,
    /// Accepted, but no frame ever came.
    NoMedia,
    /// Frames stopped coming while the connection stayed open.
    WentSilent,
    /// The media server no longer knows the session; its end was not reported.
    ConnectionLost,
    /// The media server itself was restarted.
    MediaServerRestarted,
    /// The picture is not H.264.
    UnsupportedVideo,
    /// The sound is not AAC.
    UnsupportedAudio,
    /// Another encoder took the channel over, as its settings allow.
    TakenOver,
    /// Had sent nothing for seconds when its encoder came back on a new connection.
    ReplacedByReconnect,
    /// Its stream key was revoked.
    KeyRevoked,
    /// The channel's owner ended it.
    EndedByOwner,
    /// An administrator ended it.
    EndedByAdministrator,
    /// The owner's account was suspended.
    AccountSuspended,
    /// The owner's account may not go live any more.
    RoleLost,
    /// The channel was deleted.
    ChannelDeleted,
    /// Refused: another encoder is live on the channel.
    ChannelBusy,
    /// Refused: the session was just ended on purpose and the encoder came back by itself.
    HeldAfterEnd,
}

impl EndReason {
    /// Every reason, in the order of their declaration.
    pub const ALL: [Self; 17] = [
        Self::EndedByEncoder,
        Self::NoMedia,
        Self::WentSilent,
        Self::ConnectionLost,
        Self::MediaServerRestarted,
        Self::UnsupportedVideo,
        Self::UnsupportedAudio,
        Self::TakenOver,
        Self::ReplacedByReconnect,
        Self::KeyRevoked,
        Self::EndedByOwner,
        Self::EndedByAdministrator,
        Self::AccountSuspended,
        Self::RoleLost,
        Self::ChannelDeleted,
        Self::ChannelBusy,
        Self::HeldAfterEnd,
    ];

    /// The word stored and shown for this reason.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::EndedByEncoder => "ended_by_encoder",
            Self::NoMedia => "no_media",
            Self::WentSilent => "went_silent",
            Self::ConnectionLost => "connection_lost",
            Self::MediaServerRestarted => "media_server_restarted",
            Self::UnsupportedVideo => "unsupported_video",
            Self::UnsupportedAudio => "unsupported_audio",
            Self::TakenOver => "taken_over",
            Self::ReplacedByReconnect => "replaced_by_reconnect",
            Self::KeyRevoked => "key_revoked",
            Self::EndedByOwner => "ended_by_owner",
            Self::EndedByAdministrator => "ended_by_administrator",
            Self::AccountSuspended => "account_suspended",
            Self::RoleLost => "role_lost",
            Self::ChannelDeleted => "channel_deleted",
            Self::ChannelBusy => "channel_busy",
            Self::HeldAfterEnd => "held_after_end",
        }
    }

    /// The reason a stored word stands for.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|reason| reason.as_str() == word)
    }

    /// The channel's owner or an administrator wanted the show to end; its encoder, which comes back by itself, is held
    /// off for a while.
    pub const fn is_on_purpose(self) -> bool {
        matches!(self, Self::EndedByOwner | Self::EndedByAdministrator)
    }

    /// The show ends with the session: nobody waits for the encoder to come back.
    pub const fn closes_show(self) -> bool {
        self.is_on_purpose()
            || matches!(
                self,
                Self::KeyRevoked | Self::AccountSuspended | Self::RoleLost | Self::ChannelDeleted
            )
    }

    /// What the performer is told, with what to do next where there is something to do.
    pub const fn sentence(self) -> &'static str {
        match self {
            Self::EndedByEncoder => "Ended by the encoder.",
            Self::NoMedia => "The encoder connected but sent no picture or sound. Start the output in the encoder.",
            Self::WentSilent => "The encoder stopped sending. Check its network connection.",
            Self::ConnectionLost => "The connection was lost.",
            Self::MediaServerRestarted => "The media server was restarted. Encoders reconnect by themselves.",
            Self::UnsupportedVideo => "The picture is not H.264. Choose H.264 (AVC) in the encoder.",
            Self::UnsupportedAudio => "The sound is not AAC. Choose AAC in the encoder.",
            Self::TakenOver => "Another encoder took over the channel.",
            Self::ReplacedByReconnect => "The encoder came back on a new connection.",
            Self::KeyRevoked => "Its stream key was revoked. Make a new key.",
            Self::EndedByOwner => "Ended from the studio.",
            Self::EndedByAdministrator => "Ended by an administrator.",
            Self::AccountSuspended => "The account was suspended.",
            Self::RoleLost => "The account may not go live. Ask an administrator to make it a streamer.",
            Self::ChannelDeleted => "The channel was deleted.",
            Self::ChannelBusy => "Refused: another encoder is live on this channel. Stop it, or turn takeover on.",
            Self::HeldAfterEnd => "Refused: the show was just ended on purpose. Wait a minute before starting again.",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_reason_is_read_back_from_its_word() {
        for reason in EndReason::ALL {
            assert_eq!(EndReason::parse(reason.as_str()), Some(reason));
            assert!(reason.sentence().ends_with('.'));
        }
    }
}
