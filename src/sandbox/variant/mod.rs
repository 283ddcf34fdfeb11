//! Variants of Saki: each is one plausible reading of everything that the reference leaves open.
//!
//! A route handler always reads and writes the form of the default variant. Around it, `request_fields` rewrites what
//! comes in, and `reply_shape`, `resource_shape` and `refusal_shape` rewrite what goes out.

mod dimensions;
mod refusal_shape;
mod reply_shape;
mod request_fields;
mod resource_shape;
pub(super) mod stored_fields;

use std::fmt;
use std::str::FromStr;

pub(super) use request_fields::DAYS;

pub use dimensions::{
    AccountList, ActivateField, CreateForms, CreateReply, DateFormat, DeleteReply, ExtraFields,
    FailureField, IdScope, IdType, ListOrder, ListShape, NullFields, PageSize, PartRefusal,
    QueueRows, Refusal, RefusalMark, Relations, ShowReply, SlotDay, SlotDayField, SlotTime,
    SpaceFields, StatusFormat, StoredText, SubscriptionShape, UnknownFields, UploadField,
    WebhookFields, WriteReply,
};

/// Declares the dimensions of a variant, with how one is drawn and printed.
macro_rules! variant {
    ($($(#[$doc:meta])* $field:ident: $dimension:ident,)+) => {
        /// One plausible Saki; the default has the friendliest value of every dimension.
        #[derive(Debug, Clone, Default, PartialEq, Eq)]
        pub struct Variant {
            /// The seed that it was drawn with.
            pub seed: Option<u64>,
            $($(#[$doc])* pub $field: $dimension,)+
        }

        impl Variant {
            /// The variant of a seed; the same seed always gives the same variant.
            pub fn of_seed(seed: u64) -> Self {
                let mut random = fastrand::Rng::with_seed(seed);
                Self {
                    seed: Some(seed),
                    $($field: $dimension::draw(&mut random),)+
                }
            }
        }

        /// One line: the seed, and each dimension that differs from the default.
        impl fmt::Display for Variant {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                match self.seed {
                    Some(seed) => write!(f, "{seed}")?,
                    None => f.write_str("default")?,
                }
                let default = Self::default();
                $(if self.$field != default.$field {
                    write!(f, " {}={:?}", stringify!($field), self.$field)?;
                })+
                Ok(())
            }
        }
    };
}

variant! {
    /// How a reply shows one resource that was asked for.
    show_reply: ShowReply,
    /// What a create or an update answers.
    write_reply: WriteReply,
    /// What a create or an update of posts on several accounts answers.
    create_reply: CreateReply,
    /// What a deletion answers.
    delete_reply: DeleteReply,
    /// How a list is wrapped.
    list_shape: ListShape,
    /// The order of lists.
    list_order: ListOrder,
    /// Rows on a page of posts.
    page_size: PageSize,
    /// The JSON type of ids.
    id_type: IdType,
    /// Whether a path may name a record of another space.
    id_scope: IdScope,
    /// What becomes of fields without a value.
    null_fields: NullFields,
    /// Which relations a list of posts includes.
    relations: Relations,
    /// Fields that the reference does not print.
    extra_fields: ExtraFields,
    /// The format of dates.
    date_format: DateFormat,
    /// The format of a post's status.
    status_format: StatusFormat,
    /// Where the reason of a failed post stands.
    failure_field: FailureField,
    /// How the text of a post is stored.
    stored_text: StoredText,
    /// The accepted bodies of a create call.
    create_forms: CreateForms,
    /// The form field of an upload.
    upload_field: UploadField,
    /// The body that activates an account.
    activate_field: ActivateField,
    /// Which accounts of a space are listed.
    account_list: AccountList,
    /// The name of a slot's day.
    slot_day_field: SlotDayField,
    /// The value of a slot's day.
    slot_day: SlotDay,
    /// The fields of a slot's time.
    slot_time: SlotTime,
    /// The fields that create a webhook.
    webhook_fields: WebhookFields,
    /// The rows of the queue.
    queue_rows: QueueRows,
    /// How content is refused.
    refusal: Refusal,
    /// What becomes of request fields that Saki does not know.
    unknown_fields: UnknownFields,
    /// How a reply marks a refusal.
    refusal_mark: RefusalMark,
    /// The names of a space's fields.
    space_fields: SpaceFields,
    /// How the subscription is shown.
    subscription_shape: SubscriptionShape,
    /// What a create answers where one of its accounts is not active.
    part_refusal: PartRefusal,
}

impl FromStr for Variant {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "default" => Ok(Self::default()),
            seed => seed.parse().map(Self::of_seed).map_err(|_| {
                format!("{seed:?} is no variant: give \"default\" or a number from 0, such as 17")
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_repeats_its_variant_and_prints_what_differs() {
        let first = Variant::of_seed(17);
        assert_eq!(first, "17".parse().unwrap());
        assert!(first.to_string().starts_with("17 "), "{first}");
        assert_eq!(Variant::default().to_string(), "default");
        assert_ne!(
            Variant {
                seed: Some(17),
                ..Variant::of_seed(18)
            },
            first
        );
        assert!("seventeen".parse::<Variant>().is_err());
    }
}
