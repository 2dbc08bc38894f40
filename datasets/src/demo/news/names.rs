//! Invented people and companies.

/// First names.
pub const FIRST: [&str; 20] = [
    "Anna", "Maria", "Julia", "Clara", "Nora", "Ida", "Eva", "Sara", "Helena", "Laura", "Daniel", "Martin",
    "David", "Adam", "Oscar", "Victor", "Simon", "Thomas", "Robert", "Leo",
];

/// Last names.
pub const LAST: [&str; 20] = [
    "Almar", "Borin", "Castor", "Dalen", "Ebner", "Falk", "Garan", "Holm", "Ivers", "Janik", "Kolar",
    "Lorin", "Maren", "Nadel", "Orban", "Palmer", "Rasko", "Sandor", "Tavar", "Welden",
];

/// Companies.
pub const FIRMS: [&str; 20] = [
    "Ardent", "Belvar", "Castrel", "Dornex", "Elmira", "Farrow", "Galdor", "Hexton", "Ivaro", "Kestor",
    "Lumira", "Marvex", "Nordal", "Orvane", "Pellam", "Rivona", "Solvar", "Tarmon", "Ulvera", "Westel",
];
