//! What all groups of flags have in common, and the macro that declares one.

use std::any::Any;
use std::fmt::Debug;

use clap::{Arg, Args, Command};
use toml::de::DeValue;

/// A group of flags; each changes the field of its name in `Options`.
pub trait Flags: Args + Section + Debug + Default + 'static {
    /// The options that the flags change.
    type Options: Clone + PartialEq + 'static;

    /// Changes the options that were given.
    fn apply(&self, options: &mut Self::Options);

    /// The first option that was given and has another value in `options`.
    fn changed(&self, options: &Self::Options) -> Option<&'static str>;

    /// The value of each option in `options`, as help shows defaults; `None` where it has none to show.
    fn values(options: &Self::Options) -> Vec<(&'static str, Option<String>)>;

    /// The flags with the values of `options` as their defaults in the help.
    fn args(options: &Self::Options) -> Vec<Arg> {
        let values = Self::values(options);
        let command = Self::augment_args(Command::new("flags"));
        let flags = command.get_arguments().cloned().map(|flag| {
            let value = values.iter().find(|(name, _)| flag.get_id() == name);
            match value {
                Some((_, Some(value))) if flag.get_action().takes_values() && !is_switch(&flag) => {
                    let help = flag.get_help().map(ToString::to_string).unwrap_or_default();
                    flag.help(format!("{help} [default: {value}]"))
                }
                _ => flag,
            }
        });
        flags.collect()
    }
}

/// Whether the flag stands alone, without a value.
fn is_switch(flag: &Arg) -> bool {
    flag.get_num_args().is_some_and(|count| count.max_values() == 0)
}

/// A group of flags as a section of a settings file.
pub trait Section {
    /// The names of the options.
    fn names(&self) -> &'static [&'static str];

    /// The names of the options that were given.
    fn given(&self) -> Vec<&'static str>;

    /// Takes a value for the option `name`, which must be one of [`names`](Self::names), unless one was given before;
    /// whether it was taken.
    ///
    /// # Errors
    /// What the value must be, as "must be …".
    fn fill(&mut self, name: &str, value: &DeValue<'_>) -> Result<bool, String>;
}

/// A group of flags whose options' type is known only at run time.
pub trait AnyFlags: Section + Debug {
    /// As [`Flags::apply`]; options of another type do not change.
    fn apply_to(&self, options: &mut dyn Any);

    /// As [`Flags::changed`]; options of another type have not changed.
    fn changed_in(&self, options: &dyn Any) -> Option<&'static str>;

    /// The same group of flags, with none given.
    fn none(&self) -> Box<dyn AnyFlags>;
}

impl<F: Flags> AnyFlags for F {
    fn apply_to(&self, options: &mut dyn Any) {
        if let Some(options) = options.downcast_mut() {
            self.apply(options);
        }
    }

    fn changed_in(&self, options: &dyn Any) -> Option<&'static str> {
        self.changed(options.downcast_ref()?)
    }

    fn none(&self) -> Box<dyn AnyFlags> {
        Box::new(F::default())
    }
}

/// Declares a group of flags for all fields of a struct of options: `Name for Options { field: Type, … }`. A field's
/// documentation is the flag's help; its type parses the flag and the line of a settings file, and converts into the
/// type that the field has in the options.
macro_rules! flags {
    (
        $(#[$about:meta])*
        $name:ident for $options:ident { $( $(#[$meta:meta])* $field:ident: $type:ty, )* }
    ) => {
        $(#[$about])*
        #[derive(clap::Args, Clone, Debug, Default)]
        pub struct $name {
            $( $(#[$meta])* #[arg(long)] pub $field: Option<$type>, )*
        }

        impl $crate::cli::flags::group::Section for $name {
            fn names(&self) -> &'static [&'static str] {
                &[$(stringify!($field)),*]
            }

            fn given(&self) -> Vec<&'static str> {
                let mut given = vec![];
                $( given.extend(self.$field.is_some().then_some(stringify!($field))); )*
                given
            }

            fn fill(&mut self, name: &str, value: &toml::de::DeValue<'_>) -> Result<bool, String> {
                match name {
                    $(
                        stringify!($field) => {
                            let value = bert_train::run::settings::from_value(value)
                                .map_err(|error| error.reason().to_owned())?;
                            let missing = self.$field.is_none();
                            if missing {
                                self.$field = Some(value);
                            }
                            Ok(missing)
                        }
                    )*
                    name => unreachable!("{name} is not one of the names"),
                }
            }
        }

        impl $crate::cli::flags::group::Flags for $name {
            type Options = $options;

            fn apply(&self, options: &mut $options) {
                // Every field of the options has its flag.
                let $options { $($field),* } = options;
                $(
                    if let Some(value) = &self.$field {
                        *$field = value.clone().into();
                    }
                )*
            }

            fn changed(&self, options: &$options) -> Option<&'static str> {
                $(
                    if let Some(value) = &self.$field {
                        let mut other = options.clone();
                        other.$field = value.clone().into();
                        if other != *options {
                            return Some(stringify!($field));
                        }
                    }
                )*
                None
            }

            fn values(options: &$options) -> Vec<(&'static str, Option<String>)> {
                use $crate::cli::flags::shown::Shown;
                vec![$( (stringify!($field), options.$field.shown()) ),*]
            }
        }
    };
}
pub(super) use flags;
