//! Where something happens.

/// A country.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Country {
    /// Its name.
    pub name: &'static str,
    /// What comes from there.
    pub adjective: &'static str,
    /// Its capital.
    pub capital: &'static str,
    /// Another city.
    pub city: &'static str,
}

const fn country(
    name: &'static str,
    adjective: &'static str,
    capital: &'static str,
    city: &'static str,
) -> Country {
    Country {
        name,
        adjective,
        capital,
        city,
    }
}

/// The countries of the news.
pub const COUNTRIES: [Country; 26] = [
    country("Norway", "Norwegian", "Oslo", "Bergen"),
    country("Sweden", "Swedish", "Stockholm", "Malmo"),
    country("Denmark", "Danish", "Copenhagen", "Aarhus"),
    country("Finland", "Finnish", "Helsinki", "Turku"),
    country("Germany", "German", "Berlin", "Hamburg"),
    country("France", "French", "Paris", "Lyon"),
    country("Spain", "Spanish", "Madrid", "Seville"),
    country("Portugal", "Portuguese", "Lisbon", "Porto"),
    country("Italy", "Italian", "Rome", "Milan"),
    country("Greece", "Greek", "Athens", "Patras"),
    country("Poland", "Polish", "Warsaw", "Gdansk"),
    country("Austria", "Austrian", "Vienna", "Graz"),
    country("Ireland", "Irish", "Dublin", "Cork"),
    country("Britain", "British", "London", "Leeds"),
    country("Switzerland", "Swiss", "Bern", "Zurich"),
    country("Hungary", "Hungarian", "Budapest", "Szeged"),
    country("Turkey", "Turkish", "Ankara", "Izmir"),
    country("Egypt", "Egyptian", "Cairo", "Alexandria"),
    country("Kenya", "Kenyan", "Nairobi", "Mombasa"),
    country("India", "Indian", "Delhi", "Mumbai"),
    country("Japan", "Japanese", "Tokyo", "Osaka"),
    country("Vietnam", "Vietnamese", "Hanoi", "Hue"),
    country("Canada", "Canadian", "Ottawa", "Toronto"),
    country("Chile", "Chilean", "Santiago", "Valparaiso"),
    country("Peru", "Peruvian", "Lima", "Cusco"),
    country("Australia", "Australian", "Canberra", "Sydney"),
];
