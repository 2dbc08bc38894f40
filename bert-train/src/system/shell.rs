//! Words of a command that people copy into a shell.

/// A word as a shell reads it: quoted where it has characters that few paths have.
///
/// ```
/// use bert_train::system::shell::quoted;
/// assert_eq!(quoted("runs/demo-1"), "runs/demo-1");
/// assert_eq!(quoted("-run"), "./-run"); // no option
/// # if cfg!(unix) {
/// assert_eq!(quoted("my runs/it's"), r"'my runs/it'\''s'");
/// assert_eq!(quoted("~/$HOME"), "'~/$HOME'");
/// # }
/// ```
pub fn quoted(word: &str) -> String {
    let plain = |letter: char| letter.is_alphanumeric() || "_-+=:,./@%".contains(letter);
    let word = &match word.starts_with('-') {
        true => format!("./{word}"),
        false => word.to_owned(),
    };
    match word.chars().all(plain) && !word.is_empty() {
        true => word.to_owned(),
        false if cfg!(windows) => format!("\"{word}\""),
        false => format!("'{}'", word.replace('\'', r"'\''")),
    }
}
