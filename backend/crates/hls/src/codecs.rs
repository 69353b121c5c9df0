//! Names codecs as RFC 6381 does, for the CODECS attribute.

/// H.264 by the three bytes of its sequence parameter set: `avc1.64001f`.
pub fn avc(profile_idc: u8, constraints: u8, level_idc: u8) -> String {
    format!("avc1.{profile_idc:02x}{constraints:02x}{level_idc:02x}")
}

/// H.264 by the profile's name as ffprobe and nginx-rtmp's statistics tell it (`High`, `Constrained Baseline`), and
/// ten times the level (31 for 3.1); nothing for an unknown profile.
pub fn avc_named(profile: &str, level_idc: u8) -> Option<String> {
    let (profile_idc, constraints) = match profile {
        "Constrained Baseline" => (66, 0xc0),
        "Baseline" => (66, 0),
        "Main" => (77, 0),
        "Extended" => (88, 0),
        "High" => (100, 0),
        "Progressive High" => (100, 0x08),
        "Constrained High" => (100, 0x0c),
        "High 10" => (110, 0),
        "High 10 Intra" => (110, 0x10),
        "High 4:2:2" => (122, 0),
        "High 4:2:2 Intra" => (122, 0x10),
        "High 4:4:4 Predictive" => (244, 0),
        _ => return None,
    };
    Some(avc(profile_idc, constraints, level_idc))
}

/// AAC by the profile's name as ffprobe and nginx-rtmp's statistics tell it (`LC`, `HE-AAC`): `mp4a.40.2`. The
/// number is the MPEG-4 audio object type; nothing for an unknown profile.
pub fn aac_named(profile: &str) -> Option<String> {
    let object_type = match profile {
        "Main" => 1,
        "LC" => 2,
        "SSR" => 3,
        "LTP" => 4,
        "HE-AAC" | "HE" | "SBR" => 5,
        "LD" => 23,
        "HE-AACv2" | "HEv2" | "PS" => 29,
        "ELD" => 39,
        _ => return None,
    };
    Some(format!("mp4a.40.{object_type}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codecs_have_the_names_that_players_look_for() {
        assert_eq!(avc(100, 0, 31), "avc1.64001f");
        assert_eq!(avc_named("High", 31).as_deref(), Some("avc1.64001f"));
        assert_eq!(avc_named("Constrained Baseline", 30).as_deref(), Some("avc1.42c01e"));
        assert_eq!(avc_named("Main", 40).as_deref(), Some("avc1.4d0028"));
        assert_eq!(avc_named("Dolby", 40), None);
        assert_eq!(aac_named("LC").as_deref(), Some("mp4a.40.2"));
        assert_eq!(aac_named("HE-AAC").as_deref(), Some("mp4a.40.5"));
        assert_eq!(aac_named(""), None);
    }
}
