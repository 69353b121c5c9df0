//! Who may publish on a channel, who may rewind it, and who may cut clips from it.

use crate::{ClipPolicy, Dvr, EndReason, Millis, Role};

/// A live publisher that has sent nothing for this long gives way to its own reconnect.
pub const SILENT_AFTER: Millis = Millis::from_secs(3);
/// Encoders reconnect by themselves after a drop; for this long after an end on purpose they are refused.
pub const HOLD_AFTER_END: Millis = Millis::from_secs(60);

/// What is known when an encoder asks to publish with a key that exists.
#[derive(Clone, Debug)]
pub struct Facts<'a> {
    /// The key was revoked.
    pub key_revoked: bool,
    /// The channel's owner is suspended.
    pub owner_suspended: bool,
    /// What the owner may do on the site.
    pub owner_role: Role,
    /// The channel lets a new encoder replace a working one.
    pub takeover: bool,
    /// The channel's live session, if there is one.
    pub live: Option<Live<'a>>,
    /// When and why the channel's newest ended session ended.
    pub last_end: Option<(Millis, EndReason)>,
}

/// The session that is live on the channel.
#[derive(Clone, Debug)]
pub struct Live<'a> {
    /// Its id.
    pub session: &'a str,
    /// It is the very connection that asks now: an encoder may publish again without reconnecting.
    pub same_connection: bool,
    /// When media last came from it; when it was accepted, if none came yet.
    pub active_at: Millis,
}

/// The answer to an encoder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict<'a> {
    /// Publish. The named session, if any, ends first, for the reason given.
    Allow {
        /// The session that gives way and why.
        replaces: Option<(&'a str, EndReason)>,
    },
    /// Go away.
    Deny(EndReason),
}

/// Decides whether an encoder may publish.
pub fn publish<'a>(facts: &Facts<'a>, now: Millis) -> Verdict<'a> {
    if let Some(reason) = right_lost(facts.key_revoked, facts.owner_suspended, facts.owner_role) {
        return Verdict::Deny(reason);
    }
    if let Some(live) = &facts.live {
        return against(live, facts.takeover, now);
    }
    match facts.last_end {
        Some((at, reason)) if reason.is_on_purpose() && now.since(at) < HOLD_AFTER_END => {
            Verdict::Deny(EndReason::HeldAfterEnd)
        }
        _ => Verdict::Allow { replaces: None },
    }
}

/// Why a key opens nothing any more, if it does not.
pub fn right_lost(key_revoked: bool, owner_suspended: bool, owner_role: Role) -> Option<EndReason> {
    if key_revoked {
        Some(EndReason::KeyRevoked)
    } else if owner_suspended {
        Some(EndReason::AccountSuspended)
    } else if owner_role < Role::Streamer {
        Some(EndReason::RoleLost)
    } else {
        None
    }
}

/// Who wants to rewind a channel, or to cut a clip from it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Viewer {
    /// Somebody of whom nothing is known.
    Anybody,
    /// Somebody who is logged in.
    SignedIn,
    /// The channel's owner, or an administrator.
    Manager,
    /// A program that the operator trusts.
    Program,
}

/// Whether a viewer may rewind a channel.
pub const fn dvr(policy: Dvr, viewer: Viewer) -> bool {
    match policy {
        Dvr::Everyone => true,
        Dvr::SignedIn => !matches!(viewer, Viewer::Anybody),
        Dvr::Nobody => matches!(viewer, Viewer::Manager | Viewer::Program),
    }
}

/// Whether a viewer may cut clips from a channel.
pub const fn clip(policy: ClipPolicy, viewer: Viewer) -> bool {
    match policy {
        ClipPolicy::Everyone => true,
        ClipPolicy::SignedIn => !matches!(viewer, Viewer::Anybody),
        ClipPolicy::Owner => matches!(viewer, Viewer::Manager | Viewer::Program),
    }
}

fn against<'a>(live: &Live<'a>, takeover: bool, now: Millis) -> Verdict<'a> {
    let replaces = |reason| Verdict::Allow {
        replaces: Some((live.session, reason)),
    };
    if live.same_connection {
        replaces(EndReason::EndedByEncoder)
    } else if now.since(live.active_at) >= SILENT_AFTER {
        replaces(EndReason::ReplacedByReconnect)
    } else if takeover {
        replaces(EndReason::TakenOver)
    } else {
        Verdict::Deny(EndReason::ChannelBusy)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Millis = Millis(1_000_000);

    fn facts() -> Facts<'static> {
        Facts {
            key_revoked: false,
            owner_suspended: false,
            owner_role: Role::Streamer,
            takeover: false,
            live: None,
            last_end: None,
        }
    }

    fn live(silent_ms: i64) -> Option<Live<'static>> {
        Some(Live {
            session: "first",
            same_connection: false,
            active_at: Millis(NOW.0 - silent_ms),
        })
    }

    #[test]
    fn a_free_channel_is_open_to_a_valid_key() {
        assert_eq!(publish(&facts(), NOW), Verdict::Allow { replaces: None });
    }

    #[test]
    fn a_revoked_key_or_a_suspended_owner_is_refused() {
        let revoked = Facts {
            key_revoked: true,
            ..facts()
        };
        assert_eq!(publish(&revoked, NOW), Verdict::Deny(EndReason::KeyRevoked));
        let suspended = Facts {
            owner_suspended: true,
            ..facts()
        };
        assert_eq!(publish(&suspended, NOW), Verdict::Deny(EndReason::AccountSuspended));
    }

    #[test]
    fn an_owner_who_may_only_watch_does_not_go_live() {
        let demoted = Facts {
            owner_role: Role::Viewer,
            ..facts()
        };
        assert_eq!(publish(&demoted, NOW), Verdict::Deny(EndReason::RoleLost));
    }

    #[test]
    fn a_working_show_is_not_stolen_unless_takeover_is_on() {
        let busy = Facts {
            live: live(200),
            ..facts()
        };
        assert_eq!(publish(&busy, NOW), Verdict::Deny(EndReason::ChannelBusy));
        let takeover = Facts { takeover: true, ..busy };
        let expected = Verdict::Allow {
            replaces: Some(("first", EndReason::TakenOver)),
        };
        assert_eq!(publish(&takeover, NOW), expected);
    }

    #[test]
    fn an_encoder_that_lost_its_link_comes_back_after_three_silent_seconds() {
        let silent = Facts {
            live: live(3_000),
            ..facts()
        };
        let expected = Verdict::Allow {
            replaces: Some(("first", EndReason::ReplacedByReconnect)),
        };
        assert_eq!(publish(&silent, NOW), expected);
        let not_yet = Facts {
            live: live(2_999),
            ..facts()
        };
        assert_eq!(publish(&not_yet, NOW), Verdict::Deny(EndReason::ChannelBusy));
    }

    #[test]
    fn publishing_again_on_one_connection_replaces_its_own_session() {
        let mut again = Facts {
            live: live(0),
            ..facts()
        };
        if let Some(live) = &mut again.live {
            live.same_connection = true;
        }
        let expected = Verdict::Allow {
            replaces: Some(("first", EndReason::EndedByEncoder)),
        };
        assert_eq!(publish(&again, NOW), expected);
    }

    #[test]
    fn an_encoder_that_was_ended_on_purpose_is_held_for_a_minute() {
        let ended = |ago_ms| Facts {
            last_end: Some((Millis(NOW.0 - ago_ms), EndReason::EndedByOwner)),
            ..facts()
        };
        assert_eq!(publish(&ended(59_999), NOW), Verdict::Deny(EndReason::HeldAfterEnd));
        assert_eq!(publish(&ended(60_000), NOW), Verdict::Allow { replaces: None });
    }

    #[test]
    fn an_owner_and_a_trusted_program_rewind_whatever_the_policy_and_others_as_it_says() {
        let everybody = [Viewer::Anybody, Viewer::SignedIn, Viewer::Manager, Viewer::Program];
        for (policy, expected) in [
            (Dvr::Everyone, [true, true, true, true]),
            (Dvr::SignedIn, [false, true, true, true]),
            (Dvr::Nobody, [false, false, true, true]),
        ] {
            assert_eq!(everybody.map(|viewer| dvr(policy, viewer)), expected, "{policy:?}");
        }
    }

    #[test]
    fn an_owner_cuts_clips_whatever_the_policy_and_others_as_it_says() {
        let everybody = [Viewer::Anybody, Viewer::SignedIn, Viewer::Manager, Viewer::Program];
        for (policy, expected) in [
            (ClipPolicy::Everyone, [true, true, true, true]),
            (ClipPolicy::SignedIn, [false, true, true, true]),
            (ClipPolicy::Owner, [false, false, true, true]),
        ] {
            assert_eq!(everybody.map(|viewer| clip(policy, viewer)), expected, "{policy:?}");
        }
    }
}
