//! Typed values from the values of a settings file, for serde: every message says what a value must be.
//!
//! As on the command line, a number or a truth value may be in quotes, a text may be a number, a list may be a single value,
//! and a name may have hyphens instead of underscores.

use std::slice;

use serde::de::value::StringDeserializer;
use serde::de::{
    self, DeserializeSeed, Deserializer, EnumAccess, IntoDeserializer, MapAccess, SeqAccess, VariantAccess,
    Visitor,
};
use serde::forward_to_deserialize_any;
use toml::Spanned;
use toml::de::{DeString, DeTable, DeValue};

use super::invalid::{InvalidValue, underscored};

const WHOLE: &str = "must be a whole number, 0 or more";
const FINITE: &str = "must be a finite number";
const BOOL: &str = "must be true or false";
const TEXT: &str = "must be a text";

/// Reads a value.
///
/// # Errors
/// What it must be.
pub fn from_value<T: de::DeserializeOwned>(value: &DeValue<'_>) -> Result<T, InvalidValue> {
    T::deserialize(Setting(value))
}

/// Reads a table.
///
/// # Errors
/// The first setting that is not known, is missing, or has a value that it cannot have.
pub fn from_table<T: de::DeserializeOwned>(table: &DeTable<'_>) -> Result<T, InvalidValue> {
    T::deserialize(TableReader(table))
}

/// A value, as serde reads it.
struct Setting<'a>(&'a DeValue<'a>);

impl Setting<'_> {
    /// A text, a number or a truth value as the command line writes it; none for a table, a list and a date.
    fn word(&self) -> Option<String> {
        match self.0 {
            DeValue::String(text) => Some(text.to_string()),
            DeValue::Integer(_) => self.integer().map(|number| number.to_string()),
            DeValue::Float(number) => Some(number.as_str().to_owned()),
            DeValue::Boolean(yes) => Some(yes.to_string()),
            DeValue::Datetime(_) | DeValue::Array(_) | DeValue::Table(_) => None,
        }
    }

    fn integer(&self) -> Option<i128> {
        match self.0 {
            DeValue::Integer(number) => i128::from_str_radix(number.as_str(), number.radix()).ok(),
            DeValue::String(text) => text.parse().ok(),
            _ => None,
        }
    }

    fn whole(&self) -> Result<u64, InvalidValue> {
        match self.integer() {
            Some(number) if number > i128::from(u64::MAX) => {
                Err(InvalidValue::new("must be a smaller number"))
            }
            Some(number) => u64::try_from(number).map_err(|_| InvalidValue::new(WHOLE)),
            None => Err(InvalidValue::new(WHOLE)),
        }
    }

    fn finite(&self) -> Result<f64, InvalidValue> {
        let number = match self.0 {
            DeValue::Boolean(_) => None,
            // TOML allows underscores between digits.
            _ => self
                .word()
                .and_then(|word| word.replace('_', "").parse::<f64>().ok()),
        };
        let number = number.filter(|number| number.is_finite());
        number.ok_or_else(|| InvalidValue::new(FINITE))
    }
}

/// Declares how whole numbers are read.
macro_rules! whole_numbers {
    ($($method:ident)*) => {
        $(
            fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, InvalidValue> {
                visitor.visit_u64(self.whole()?)
            }
        )*
    };
}

impl<'de> Deserializer<'de> for Setting<'_> {
    type Error = InvalidValue;

    whole_numbers! { deserialize_u8 deserialize_u16 deserialize_u32 deserialize_u64 }

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, InvalidValue> {
        match self.0 {
            DeValue::Integer(_) => match self.integer().and_then(|number| i64::try_from(number).ok()) {
                Some(number) if number < 0 => visitor.visit_i64(number),
                _ => visitor.visit_u64(self.whole()?),
            },
            DeValue::Float(_) => visitor.visit_f64(self.finite()?),
            DeValue::Boolean(yes) => visitor.visit_bool(*yes),
            DeValue::String(text) => visitor.visit_str(text),
            DeValue::Datetime(date) => visitor.visit_string(date.to_string()),
            DeValue::Array(_) => self.deserialize_seq(visitor),
            DeValue::Table(table) => TableReader(table).deserialize_any(visitor),
        }
    }

    fn deserialize_f32<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, InvalidValue> {
        self.deserialize_f64(visitor)
    }

    fn deserialize_f64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, InvalidValue> {
        visitor.visit_f64(self.finite()?)
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, InvalidValue> {
        match self.word().as_deref() {
            Some("true") => visitor.visit_bool(true),
            Some("false") => visitor.visit_bool(false),
            _ => Err(InvalidValue::new(BOOL)),
        }
    }

    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, InvalidValue> {
        self.deserialize_string(visitor)
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, InvalidValue> {
        let word = self.word().ok_or_else(|| InvalidValue::new(TEXT))?;
        visitor.visit_string(word)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, InvalidValue> {
        visitor.visit_some(self)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, InvalidValue> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, InvalidValue> {
        match self.0 {
            DeValue::Array(items) => visitor.visit_seq(Items(items.iter())),
            DeValue::String(text) => visitor.visit_seq(Parts(text.split(','))),
            value => visitor.visit_seq(One(Some(value))),
        }
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, InvalidValue> {
        let word = self.word().ok_or_else(|| {
            let names = variants.join(", ");
            InvalidValue::new(format!("must be one of {names}"))
        })?;
        visitor.visit_enum(Name(word))
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, InvalidValue> {
        match self.0 {
            DeValue::Table(table) => TableReader(table).deserialize_any(visitor),
            _ => Err(InvalidValue::new("must be a table")),
        }
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, InvalidValue> {
        self.deserialize_map(visitor)
    }

    forward_to_deserialize_any! {
        i8 i16 i32 i64 i128 u128 char bytes byte_buf unit unit_struct tuple tuple_struct identifier ignored_any
    }
}

/// The same error, about an item of a list.
fn in_list(error: InvalidValue) -> InvalidValue {
    match error.reason.strip_prefix("must be ") {
        Some(item) => InvalidValue::new(format!("must be a list, each item {item}")),
        None => error,
    }
}

struct Items<'a>(slice::Iter<'a, Spanned<DeValue<'a>>>);

impl<'de> SeqAccess<'de> for Items<'_> {
    type Error = InvalidValue;

    fn next_element_seed<T: DeserializeSeed<'de>>(
        &mut self,
        seed: T,
    ) -> Result<Option<T::Value>, InvalidValue> {
        let item = self
            .0
            .next()
            .map(|item| seed.deserialize(Setting(item.get_ref())));
        item.transpose().map_err(in_list)
    }
}

/// A list as the command line writes it.
struct Parts<'a>(std::str::Split<'a, char>);

impl<'de> SeqAccess<'de> for Parts<'_> {
    type Error = InvalidValue;

    fn next_element_seed<T: DeserializeSeed<'de>>(
        &mut self,
        seed: T,
    ) -> Result<Option<T::Value>, InvalidValue> {
        let item = self.0.next().map(|part| {
            let value = DeValue::String(part.into());
            seed.deserialize(Setting(&value))
        });
        item.transpose().map_err(in_list)
    }
}

/// A list of a single value.
struct One<'a>(Option<&'a DeValue<'a>>);

impl<'de> SeqAccess<'de> for One<'_> {
    type Error = InvalidValue;

    fn next_element_seed<T: DeserializeSeed<'de>>(
        &mut self,
        seed: T,
    ) -> Result<Option<T::Value>, InvalidValue> {
        let item = self.0.take().map(|value| seed.deserialize(Setting(value)));
        item.transpose().map_err(in_list)
    }
}

/// A name of several.
struct Name(String);

impl<'de> EnumAccess<'de> for Name {
    type Error = InvalidValue;
    type Variant = Self;

    fn variant_seed<V: DeserializeSeed<'de>>(self, seed: V) -> Result<(V::Value, Self), InvalidValue> {
        let name: StringDeserializer<InvalidValue> = self.0.clone().into_deserializer();
        Ok((seed.deserialize(name)?, self))
    }
}

impl<'de> VariantAccess<'de> for Name {
    type Error = InvalidValue;

    fn unit_variant(self) -> Result<(), InvalidValue> {
        Ok(())
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, _: T) -> Result<T::Value, InvalidValue> {
        Err(InvalidValue::new(TEXT))
    }

    fn tuple_variant<V: Visitor<'de>>(self, _: usize, _: V) -> Result<V::Value, InvalidValue> {
        Err(InvalidValue::new(TEXT))
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        _: &'static [&'static str],
        _: V,
    ) -> Result<V::Value, InvalidValue> {
        Err(InvalidValue::new(TEXT))
    }
}

/// A table, as serde reads it.
struct TableReader<'a>(&'a DeTable<'a>);

impl<'de> Deserializer<'de> for TableReader<'_> {
    type Error = InvalidValue;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, InvalidValue> {
        visitor.visit_map(Entries {
            entries: self.0.iter().collect::<Vec<_>>().into_iter(),
            value: None,
        })
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option unit unit_struct
        newtype_struct seq tuple tuple_struct map struct enum identifier ignored_any
    }
}

type Entry<'a> = (&'a Spanned<DeString<'a>>, &'a Spanned<DeValue<'a>>);

struct Entries<'a> {
    entries: std::vec::IntoIter<Entry<'a>>,
    value: Option<Entry<'a>>,
}

impl<'de> MapAccess<'de> for Entries<'_> {
    type Error = InvalidValue;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, InvalidValue> {
        self.value = self.entries.next();
        let key = self.value.map(|(name, _)| {
            let plain: StringDeserializer<InvalidValue> = underscored(name.get_ref()).into_deserializer();
            seed.deserialize(plain).map_err(|error| error.within(name))
        });
        key.transpose()
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, InvalidValue> {
        let (name, value) = self.value.expect("serde asks for a name first");
        let read = seed.deserialize(Setting(value.get_ref()));
        read.map_err(|error| error.within(name))
    }
}
