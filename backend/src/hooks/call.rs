//! What a media server says when it calls: a form, read so that its first word counts.
//!
//! nginx-rtmp puts the client's own query arguments behind its own fields, raw. Whoever publishes
//! `key?name=evil&clientid=1` repeats fields; only the first of each is the server's.

use std::borrow::Cow;

use url::form_urlencoded;

use crate::live::sessions::Connection;

/// Longer values than this are no names, addresses or numbers of a media server.
const FIELD_MAX: usize = 1024;

/// A hook call, whichever dialect it came in.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Call {
    /// The media server's run, as its own gateway states it.
    pub instance: String,
    /// The media server's number for the connection; `None` where it is missing or no number.
    pub client_id: Option<u64>,
    /// The stream's name: the secret key on publish. Never log it.
    pub name: String,
    /// The client's address, as the media server saw it.
    pub address: String,
    /// What the encoder calls itself.
    pub encoder: String,
    /// The media server's own push to its segmenting application asks to play too. It has no application; a client
    /// always has one.
    pub is_relay: bool,
}

impl Call {
    /// Reads nginx-rtmp's form: the body of a POST or the query of a GET.
    pub fn from_form(instance: &str, form: &[u8]) -> Self {
        let names = ["clientid", "name", "addr", "flashver", "app"];
        let [client_id, name, address, encoder, app] = first_of_each(form, names);
        Self {
            instance: instance.to_owned(),
            client_id: client_id.parse().ok(),
            name: name.into_owned(),
            address: printable(&address, 64),
            encoder: printable(&encoder, 120),
            is_relay: app.is_empty(),
        }
    }

    /// The connection that nginx-rtmp's form speaks of. Nothing else is read: an update comes from every encoder every
    /// few seconds.
    pub fn connection_of(instance: &str, form: &[u8]) -> Option<Connection> {
        let [client_id] = first_of_each(form, ["clientid"]);
        Some(Connection {
            instance: instance.to_owned(),
            client_id: client_id.parse().ok()?,
        })
    }

    /// The connection that the call speaks of.
    pub fn connection(&self) -> Option<Connection> {
        Some(Connection {
            instance: self.instance.clone(),
            client_id: self.client_id?,
        })
    }
}

/// The first value of each of these fields, empty where there is none; only they are decoded. Bytes that are no UTF-8
/// are replaced; over-long values are left out.
fn first_of_each<'a, const N: usize>(form: &'a [u8], names: [&str; N]) -> [Cow<'a, str>; N] {
    let mut values = [const { None }; N];
    for field in form.split(|byte| *byte == b'&') {
        let name = field.split(|byte| *byte == b'=').next().unwrap_or_default();
        let at = names.iter().position(|wanted| wanted.as_bytes() == name);
        if let Some(value @ None) = at.and_then(|at| values.get_mut(at)) {
            *value = form_urlencoded::parse(field).next().map(|(_, value)| value);
        }
    }
    values.map(|value| value.filter(|value| value.len() <= FIELD_MAX).unwrap_or_default())
}

/// `text` as it may be stored and shown: no control characters, at most `most` characters.
pub(super) fn printable(text: &str, most: usize) -> String {
    text.chars().filter(|c| !c.is_control()).take(most).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const PUBLISH: &[u8] =
        b"app=live&flashver=FMLE/3.0%20(compatible%3B%20Lavf59.27&swfurl=&tcurl=rtmp://127.0.0.1:1935/live&pageurl=\
        &addr=127.0.0.1&clientid=19&call=publish&name=cam&type=live&token=a%20b+c";

    #[test]
    fn a_form_of_nginx_is_read_field_by_field() {
        let call = Call::from_form("nginx-7", PUBLISH);
        assert_eq!(call.name, "cam");
        assert_eq!(call.address, "127.0.0.1");
        assert_eq!(call.encoder, "FMLE/3.0 (compatible; Lavf59.27");
        let expected = Connection {
            instance: "nginx-7".into(),
            client_id: 19,
        };
        assert_eq!(call.connection(), Some(expected));
        assert_eq!(Call::connection_of("nginx-7", PUBLISH), call.connection());
    }

    #[test]
    fn the_arguments_of_a_client_never_override_the_servers_own_fields() {
        let forged = [PUBLISH, b"&name=evil&addr=6.6.6.6&clientid=1&call=done&flashver=x"].concat();
        assert_eq!(Call::from_form("nginx-7", &forged), Call::from_form("nginx-7", PUBLISH));
        assert_eq!(
            Call::connection_of("nginx-7", &forged),
            Call::connection_of("nginx-7", PUBLISH)
        );
    }

    #[test]
    fn only_the_servers_own_relay_has_no_application() {
        let relay = b"app=&flashver=ngx-local-relay&addr=127.0.0.1:1936/pub&clientid=8&call=play&name=cam";
        assert!(Call::from_form("nginx-7", relay).is_relay);
        assert!(!Call::from_form("nginx-7", &[PUBLISH, b"&app="].concat()).is_relay);
    }

    #[test]
    fn bytes_that_are_no_text_do_no_harm() {
        let call = Call::from_form("nginx-7", b"name=\xff\xfe%ff&clientid=-1&flashver=%00a%0ab&addr");
        assert_eq!(call.connection(), None);
        assert_eq!(call.encoder, "ab");
    }

    use proptest::prelude::*;

    proptest! {
        #[test]
        fn any_bytes_are_read_without_a_panic(form in prop::collection::vec(any::<u8>(), 0..2048)) {
            let call = Call::from_form("nginx-7", &form);
            prop_assert!(call.encoder.chars().count() <= 120 && call.address.chars().count() <= 64);
            prop_assert!(call.name.len() <= FIELD_MAX * 3);
        }

        #[test]
        fn whatever_a_client_appends_changes_nothing(tail in prop::collection::vec(any::<u8>(), 0..300)) {
            let forged = [PUBLISH, b"&", &tail[..]].concat();
            prop_assert_eq!(Call::from_form("nginx-7", &forged), Call::from_form("nginx-7", PUBLISH));
        }

        #[test]
        fn a_stream_name_of_any_bytes_is_a_key_or_none(name in prop::collection::vec(any::<u8>(), 0..400)) {
            if let Some(key) = sluice_domain::StreamKey::parse(&name) {
                prop_assert_eq!(key.expose().as_bytes(), &name[..]);
            }
        }
    }
}
