//! What our mails say.

use sluice_domain::Email;
use url::Url;

use super::Mail;

/// Asks to confirm an e-mail address; good for as long as [`crate::accounts::ACTIVATION_LASTS`].
pub fn activation(to: Email, site: &Url, token: &str) -> Mail {
    let link = link(site, "activate", token);
    let text = format!(
        "Welcome to Sluice.\n\n\
         Somebody, probably you, signed up with this address and chose a password. If it was you, confirm your \
         address by opening this page within two days:\n\n\
         {link}\n\n\
         If it was not you, do not open it and ignore this mail: the page lets in whoever chose that password. To take \
         your address back later, choose a password of your own: \"Forgot your password?\" on the login page.\n"
    );
    Mail {
        to,
        subject: "Confirm your e-mail address",
        text,
    }
}

/// Lets its reader choose a new password; good for as long as [`crate::accounts::RESET_LASTS`].
pub fn password_reset(to: Email, site: &Url, token: &str) -> Mail {
    let link = link(site, "reset", token);
    let text = format!(
        "Somebody, probably you, asked for a new password.\n\n\
         Choose it on this page within an hour:\n\n\
         {link}\n\n\
         If it was not you, ignore this mail; your password stays as it is.\n"
    );
    Mail {
        to,
        subject: "Choose a new password",
        text,
    }
}

/// Tells an account's owner that its password was changed.
pub fn password_changed(to: Email) -> Mail {
    let text = "The password of your account was changed and every other device logged out.\n\n\
                If it was not you, choose a new password at once: \"Forgot your password?\" on the login page.\n";
    Mail {
        to,
        subject: "Your password was changed",
        text: text.to_owned(),
    }
}

fn link(site: &Url, page: &str, token: &str) -> Url {
    let mut link = site.clone();
    link.set_path(page);
    link.query_pairs_mut().append_pair("token", token);
    link
}
