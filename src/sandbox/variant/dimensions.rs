//! Dimensions of a variant: for each open question of the reference, its plausible answers.

/// Declares dimensions: each an enum whose first value is the default, and which can be drawn at random.
macro_rules! dimensions {
    ($($(#[$doc:meta])* $name:ident { $(#[$first_doc:meta])* $first:ident, $($(#[$value_doc:meta])* $value:ident,)+ })+) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
        pub enum $name {
            $(#[$first_doc])*
            #[default]
            $first,
            $($(#[$value_doc])* $value,)+
        }

        impl $name {
            pub(super) fn draw(random: &mut fastrand::Rng) -> Self {
                let all = [Self::$first, $(Self::$value,)+];
                random.choice(all).unwrap_or_default()
            }
        }
    )+};
}

dimensions! {
    /// How a reply shows one resource that was asked for.
    ShowReply {
        /// `{"data": {…}}`.
        Data,
        /// `{…}`.
        Bare,
        /// `{"data": {…}, "message": "…"}`.
        DataAndMessage,
        /// `{"success": true, "data": {…}}`.
        SuccessAndData,
        /// `{"space": {…}}`.
        Named,
        /// `[{…}]`.
        ListOfOne,
        /// `{"data": [{…}]}`.
        DataListOfOne,
        /// `{"data": {"7": {…}}}`, keyed by id.
        KeyedById,
    }
    /// What a create or an update answers.
    WriteReply {
        /// As one resource that was asked for.
        AsShown,
        /// `{"message": "…", "id": 7}`.
        MessageAndId,
        /// `{"data": {"id": 7}}`.
        OnlyId,
        /// `{"message": "…"}`.
        OnlyMessage,
        /// `{}`.
        EmptyObject,
        /// No body.
        Nothing,
    }
    /// What a create answers; the reference does not print it.
    CreateReply {
        /// `{"data": [posts]}`.
        Posts,
        /// `{}`.
        Empty,
        /// `[posts]`.
        BareList,
        /// No body.
        NoBody,
        /// `{"posts": [posts]}`.
        Named,
        /// `{"data": {"cluster_id": "…", "posts": [posts]}}`.
        Cluster,
        /// `{"data": {"11": post, "12": post}}`, keyed by account.
        ByAccount,
        /// `{"data": [107, 108]}`.
        Ids,
        /// `{"data": post}`, the first one alone.
        DataFirst,
        /// `{…}`, the first one alone.
        BareFirst,
        /// `{"post": post}`, the first one alone.
        NamedFirst,
        /// `{"message": "…", "id": 107}`, of the first one.
        MessageAndId,
        /// `{"message": "…"}`.
        OnlyMessage,
    }
    /// What a deletion answers.
    DeleteReply {
        /// 204.
        Nothing,
        /// `{}`.
        EmptyObject,
        /// `{"message": "…"}`.
        OnlyMessage,
        /// `{"success": true}`.
        Success,
        /// `{"deleted": true}`.
        Deleted,
        /// `{"data": true}`.
        DataTrue,
        /// `{"data": null}`.
        DataNull,
    }
    /// How a list is wrapped.
    ListShape {
        /// `{"data": […]}`, with `links` and `meta` where there are pages.
        Data,
        /// `[…]`; there are no pages then.
        Bare,
        /// `{"data": […], "current_page": 1, …}`.
        FlatPaginator,
        /// `{"data": {"data": […], "current_page": 1, …}}`.
        NestedPaginator,
        /// `{"data": {"items": […]}, "meta": {…}}`.
        DataItems,
        /// `{"posts": […], "meta": {…}}`.
        Named,
        /// `{"data": {"0": …, "1": …}}`.
        NumericKeys,
        /// `{"data": {"7": …, "8": …}}`, keyed by id.
        KeyedById,
        /// Spaces and boards as `{"data": {"7": "name"}}`, other lists as `Data`.
        NamesById,
        /// Spaces and boards as `{"7": "name"}`, other lists as `Data`.
        BareNamesById,
        /// `{"data": […], "next_page_url": "…"}`, without the number of pages.
        Simple,
    }
    /// The order of lists.
    ListOrder {
        /// As today: posts the newest first, all else in the order of ids.
        AsSeeded,
        /// The other way round.
        Reversed,
    }
    /// Rows on a page of posts.
    PageSize {
        /// 15, Laravel's default.
        Fifteen,
        /// 3.
        Three,
        /// 50.
        Fifty,
    }
    /// The JSON type of ids.
    IdType {
        /// `7`.
        Number,
        /// `"7"`.
        Text,
    }
    /// Whether a path may name a record of another space.
    IdScope {
        /// 404.
        Strict,
        /// The record is found.
        Lax,
    }
    /// What becomes of fields without a value.
    NullFields {
        /// They are null.
        Null,
        /// They are left out.
        Missing,
    }
    /// Which relations a list of posts includes.
    Relations {
        /// Account, media and children.
        All,
        /// The account.
        Account,
        /// None; the post has `account_id`.
        None,
    }
    /// Fields that the reference does not print.
    ExtraFields {
        /// There are none.
        None,
        /// Every resource has some.
        Some,
    }
    /// The format of dates.
    DateFormat {
        /// `2027-04-10T07:00:00.000000Z`.
        Microseconds,
        /// `2027-04-10T07:00:00+00:00`.
        UtcOffset,
        /// `2027-04-10T09:00:00+02:00`.
        LocalOffset,
        /// `1807340400`.
        UnixSeconds,
    }
    /// The format of a post's status.
    StatusFormat {
        /// `1`.
        Number,
        /// `"1"`.
        NumberAsText,
        /// `"scheduled"`.
        Word,
    }
    /// Where the reason of a failed post stands.
    FailureField {
        /// `metadata.error`.
        MetadataError,
        /// `error`.
        Error,
        /// `error_message`.
        ErrorMessage,
        /// `failure_reason`.
        FailureReason,
        /// `failed_reason`.
        FailedReason,
        /// `last_error: {"message": …}`.
        LastError,
        /// `errors: […]`.
        Errors,
        /// `logs: [{"level": "error", "message": …}]`.
        Logs,
        /// `error` of the thread's last part; `metadata.error` of a post without a thread.
        ThreadPart,
    }
    /// How the text of a post is stored.
    StoredText {
        /// As it was sent.
        AsSent,
        /// Line breaks as `\r\n`.
        CarriageReturns,
        /// Unicode composed (NFC).
        Composed,
        /// `&`, `<`, `>`, quotes as HTML entities.
        Entities,
        /// Links shortened.
        ShortLinks,
        /// Trailing blanks of lines, and runs of blanks, cut.
        BlanksTrimmed,
        /// Wrapped in `<p>`.
        Paragraph,
    }
    /// The accepted bodies of a create call.
    CreateForms {
        /// Both published forms.
        Both,
        /// Only `at`, `is_draft`, `space_id` and `items` (reference: posts.store).
        ReferenceOnly,
        /// Only `content`, `account_ids` and `scheduled_at` (API Setup page).
        OverviewOnly,
    }
    /// The form field of an upload.
    UploadField {
        /// `file`.
        File,
        /// `media`.
        Media,
        /// `files[]`.
        Files,
        /// `image`.
        Image,
        /// `upload`.
        Upload,
    }
    /// Body of a call that activates an account; the reference does not print it.
    ActivateField {
        /// `{"is_active": bool}`.
        IsActive,
        /// `{"active": bool}`.
        Active,
        /// No body: the call flips the flag.
        Toggle,
    }
    /// Which accounts of a space are listed.
    AccountList {
        /// All.
        Whole,
        /// The active ones.
        OnlyActive,
    }
    /// The name of a slot's day.
    SlotDayField {
        /// `weekday`.
        Weekday,
        /// `day`.
        Day,
        /// `day_of_week`.
        DayOfWeek,
    }
    /// The value of a slot's day.
    SlotDay {
        /// `"monday"`, or a number from 0 as it was sent.
        AsSent,
        /// `"monday"` only.
        Word,
        /// `"Monday"` only.
        CapitalWord,
        /// A number; Sunday is 0.
        SundayIs0,
        /// A number; Sunday is 1.
        SundayIs1,
        /// A number; Sunday is 7.
        SundayIs7,
    }
    /// The fields of a slot's time.
    SlotTime {
        /// `"time": "09:30"`.
        Time,
        /// `"time": "09:30:00"` in replies.
        WithSeconds,
        /// `"hour": 9, "minute": 30`.
        HourAndMinute,
    }
    /// The fields that create a webhook; the reference prints those of an update.
    WebhookFields {
        /// `url`, `events`, `is_active`.
        AsUpdated,
        /// `endpoint` for `url`.
        Endpoint,
        /// `event_types` for `events`.
        EventTypes,
    }
    /// The rows of the queue.
    QueueRows {
        /// Posts.
        Posts,
        /// `{"at": …, "slot_id": …, "post": {…}}`.
        SlotAndPost,
        /// The same, with free slots between them: `"post": null`.
        WithFreeSlots,
    }
    /// How content is refused.
    Refusal {
        /// `{"message": …, "errors": {"field": ["…"]}}`.
        Map,
        /// `{"message": …}`.
        MessageOnly,
        /// `{"message": …, "errors": ["…"]}`.
        Texts,
        /// `{"errors": [{"field": …, "message": …}]}`.
        Objects,
        /// `{"errors": [{"source": {"pointer": "/items/0/main"}, "detail": …}]}`.
        Pointers,
        /// `application/problem+json`, with `invalid-params`.
        Problem,
        /// `{"error": "…"}`.
        ErrorText,
        /// The map, in German.
        Translated,
        /// The map, with keys such as `validation.required` for messages.
        Keys,
    }
    /// What becomes of request fields that Saki does not know.
    UnknownFields {
        /// They are ignored.
        Ignored,
        /// They are refused.
        Refused,
        /// They are stored, and shown in the resource.
        Stored,
    }
    /// How a reply marks a refusal.
    RefusalMark {
        /// By its status alone.
        Status,
        /// 200, and `"success": false` beside the words.
        SuccessFalse,
        /// 200, and `"status": "error"` beside the words.
        StatusError,
        /// 200, and an `error` or `errors`.
        OnlyErrors,
    }
    /// What a create answers where one of its accounts is not active.
    PartRefusal {
        /// It is refused whole.
        Never,
        /// The other posts are made: `"errors": {"16": ["…"]}` beside them.
        ErrorMap,
        /// The other posts are made: `"errors": [{"account_id": 16, "message": "…"}]` beside them.
        ErrorList,
        /// The other posts are made: `{"account_id": 16, "error": "…"}` in a row of its own.
        ErrorRow,
    }
    /// The names of a space's fields.
    SpaceFields {
        /// `name` and `timezone`.
        NameAndTimezone,
        /// `title` and `time_zone`.
        TitleAndTimeZone,
    }
    /// How the subscription is shown.
    SubscriptionShape {
        /// As printed: `{"plan": "team", …}`.
        Bare,
        /// `{"data": {…}}`.
        Data,
        /// `{"success": true, "data": {…}}`.
        SuccessAndData,
        /// `{"subscription": {…}}`.
        Named,
        /// `"plan": {"id": 3, "name": "team"}`.
        PlanObject,
        /// Its numbers and flags as texts: `"500"`, `"0"`.
        Texts,
        /// Without limits: null for a number.
        Unlimited,
    }
}
