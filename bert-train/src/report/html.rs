//! Text in HTML.

use std::fmt::Write;

/// Escapes the characters that have a meaning in HTML.
pub fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            // HTML has no control characters.
            letter if letter.is_control() && !matches!(letter, '\n' | '\t') => {
                let _ = write!(out, "\u{fffd}");
            }
            letter => out.push(letter),
        }
    }
    out
}

/// A section with a heading and an anchor.
pub fn section(id: &str, title: &str, body: &str) -> String {
    if body.is_empty() {
        return String::new();
    }
    format!(
        "<section id=\"{id}\">\n<h2>{}</h2>\n{body}</section>\n",
        escape(title)
    )
}

/// The readable form of a name in a file: `macro_f1` is macro F1.
pub fn named(name: &str) -> String {
    let name = name.replace(['_', '-'], " ");
    match name.as_str() {
        "f1" => "F1".into(),
        name => name.replace(" f1", " F1"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_in_a_text_is_markup() {
        let text = "<script>alert('a & \"b\"')</script>\u{1b}";
        assert_eq!(
            escape(text),
            "&lt;script&gt;alert(&#39;a &amp; &quot;b&quot;&#39;)&lt;/script&gt;\u{fffd}"
        );
        assert_eq!(escape("Grüße, 東京 🎉\n"), "Grüße, 東京 🎉\n");
    }

    #[test]
    fn names_for_people() {
        assert_eq!(
            ["f1", "macro_f1", "grad_norm"].map(named),
            ["F1", "macro F1", "grad norm"]
        );
    }
}
