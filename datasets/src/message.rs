//! Messages that name options.

use std::fmt;

/// A count with its noun, which is given in the singular and takes an s in the plural.
///
/// ```
/// assert_eq!(datasets::counted(1, "text"), "1 text");
/// assert_eq!(datasets::counted(2, "text"), "2 texts");
/// ```
pub fn counted(count: usize, noun: &str) -> String {
    let s = if count == 1 { "" } else { "s" };
    format!("{count} {noun}{s}")
}

/// A message to the user that may name options of the reader.
///
/// A library does not know how its user sets an option: as a field, as a flag or in a file. So a message holds the name of the
/// field, and the code that prints it decides how options are written.
///
/// ```
/// use datasets::Message;
/// let message = Message::new("the column is missing; name it with ").option("text_column");
/// assert_eq!(message.to_string(), "the column is missing; name it with `text_column`");
/// let shown = message.render(|option| option.to_uppercase());
/// assert_eq!(shown, "the column is missing; name it with TEXT_COLUMN");
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Message(Vec<Part>);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Part {
    Text(String),
    Option(&'static str),
}

impl Message {
    /// A message that begins with `text`.
    pub fn new(text: impl Into<String>) -> Self {
        Self::default().text(text)
    }

    /// The same message with more text.
    pub fn text(mut self, text: impl Into<String>) -> Self {
        self.0.push(Part::Text(text.into()));
        self
    }

    /// The same message with the name of an option: its field's.
    pub fn option(mut self, name: &'static str) -> Self {
        self.0.push(Part::Option(name));
        self
    }

    /// The same message, followed by `other`.
    pub fn message(mut self, other: Message) -> Self {
        self.0.extend(other.0);
        self
    }

    /// The whole message as text; `show_option` writes an option, given its field's name.
    pub fn render(&self, show_option: impl Fn(&str) -> String) -> String {
        let part = |part: &Part| match part {
            Part::Text(text) => text.clone(),
            Part::Option(name) => show_option(name),
        };
        self.0.iter().map(part).collect()
    }
}

impl fmt::Display for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.render(|option| format!("`{option}`")))
    }
}

impl From<String> for Message {
    fn from(text: String) -> Self {
        Self::new(text)
    }
}

impl From<&str> for Message {
    fn from(text: &str) -> Self {
        Self::new(text)
    }
}
