//! Where closed segments are kept for good.

use crate::{
    Error, SecretString, Url,
    parse::{self, Vars},
    variables::{
        DISK_HIGH_PERCENT, DISK_LOW_PERCENT, OBJECT_STORE, S3_ACCESS_KEY, S3_BUCKET, S3_ENDPOINT, S3_PUBLIC_URL,
        S3_REGION, S3_SECRET_KEY, SEGMENT_DELIVERY,
    },
};

/// Where objects are kept.
#[derive(Clone, Debug)]
pub enum ObjectStore {
    /// In a directory below the data directory.
    Local,
    /// In a bucket.
    S3(Box<S3>),
}

/// A bucket, and who we are there.
#[derive(Clone, Debug)]
pub struct S3 {
    /// Its server, where that is not AWS.
    pub endpoint: Option<Url>,
    /// Its region.
    pub region: String,
    /// Its name.
    pub bucket: String,
    /// The access key's id.
    pub access_key: SecretString,
    /// The access key's secret.
    pub secret_key: SecretString,
    /// Where everybody finds its objects: `<this>/<key>`.
    pub public_url: Option<Url>,
}

/// How players come by segments that have left the disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SegmentDelivery {
    /// Playlists list the bucket's public address of whatever it has.
    Direct,
    /// Players are sent to a signed address of the bucket.
    Redirect,
    /// They are fetched for the player, who learns of no bucket.
    Proxy,
}

/// How full the disk may become.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Watermarks {
    /// From this fill on segments leave it, in percent.
    pub high_percent: u8,
    /// Until it is down to this one, in percent; lower than the other.
    pub low_percent: u8,
}

pub(crate) fn store(vars: &Vars) -> Result<ObjectStore, Error> {
    // All of them are read in any case: a bad value is told before it is needed.
    let endpoint = vars.optional(&S3_ENDPOINT, parse::site)?;
    let region = vars.required(&S3_REGION, parse::plain_name)?;
    let bucket = vars.optional(&S3_BUCKET, parse::plain_name)?;
    let access_key = vars.optional(&S3_ACCESS_KEY, parse::printable)?;
    let secret_key = vars.optional(&S3_SECRET_KEY, parse::printable)?;
    let public_url = vars.optional(&S3_PUBLIC_URL, parse::base)?;
    let is_bucket = vars.required(&OBJECT_STORE, |word| match word {
        "local" => Some(false),
        "s3" => Some(true),
        _ => None,
    })?;
    if !is_bucket {
        return Ok(ObjectStore::Local);
    }
    Ok(ObjectStore::S3(Box::new(S3 {
        endpoint,
        region,
        bucket: bucket.ok_or(Error::missing(&S3_BUCKET))?,
        access_key: access_key.ok_or(Error::missing(&S3_ACCESS_KEY))?,
        secret_key: secret_key.ok_or(Error::missing(&S3_SECRET_KEY))?,
        public_url,
    })))
}

pub(crate) fn delivery(vars: &Vars, store: &ObjectStore) -> Result<SegmentDelivery, Error> {
    let delivery = vars.required(&SEGMENT_DELIVERY, |word| match word {
        "direct" => Some(SegmentDelivery::Direct),
        "redirect" => Some(SegmentDelivery::Redirect),
        "proxy" => Some(SegmentDelivery::Proxy),
        _ => None,
    })?;
    match (delivery, store) {
        (SegmentDelivery::Direct, ObjectStore::S3(bucket)) if bucket.public_url.is_none() => {
            Err(Error::missing(&S3_PUBLIC_URL))
        }
        (SegmentDelivery::Direct | SegmentDelivery::Redirect, ObjectStore::Local) => Err(Error::NoBucket),
        _ => Ok(delivery),
    }
}

pub(crate) fn watermarks(vars: &Vars) -> Result<Watermarks, Error> {
    let high_percent = vars.required(&DISK_HIGH_PERCENT, parse::percent)?;
    let low_percent = vars.required(&DISK_LOW_PERCENT, parse::percent)?;
    if low_percent >= high_percent {
        return Err(Error::Watermarks);
    }
    Ok(Watermarks {
        high_percent,
        low_percent,
    })
}
