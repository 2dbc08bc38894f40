//! Houses that the public uses.

use super::{Happening, Topic};

pub(super) const TOPIC: Topic = Topic {
    subjects: &[
        &["museum", "gallery"],
        &["theatre", "playhouse"],
        &["library", "reading room"],
        &["cinema", "picture house", "movie theatre"],
        &["concert hall", "music venue"],
        &["castle", "palace", "fortress"],
        &["church", "cathedral", "chapel"],
        &["fairground", "amusement park"],
        &["university", "college", "campus"],
        &["nursery", "kindergarten", "preschool"],
        &["swimming pool", "public bath"],
        &["stadium", "sports arena"],
        &["prison", "jail"],
    ],
    happenings: &[
        Happening {
            verbs: &[
                "opens its doors",
                "is inaugurated",
                "welcomes its first visitors",
                "is finished at last",
            ],
            nouns: &[
                "opening of {s}",
                "inauguration of {s}",
                "new {s}",
                "first day of {s}",
            ],
            leads: &[
                "A new {s} opened in {city} {time}.",
                "After {n} years of construction, the {s} of {city} was inaugurated {time}.",
            ],
            details: &[
                "The queue reached around the corner.",
                "The architect spoke of a dream.",
            ],
        },
        Happening {
            verbs: &[
                "closes for good",
                "shuts down",
                "has to give up",
                "comes to its end",
            ],
            nouns: &["closure of {s}", "{s} shuts", "end of {s}", "why does {s} close"],
            leads: &[
                "The {s} of {city} closed for ever {time}.",
                "A {s} with a history of {n} years shut its doors in {city} {time}.",
            ],
            details: &[
                "The rent had become too high.",
                "Neighbours brought candles and flowers.",
            ],
        },
        Happening {
            verbs: &[
                "has record crowds",
                "attracts more people than ever",
                "is full to the last place",
                "counts a million guests",
            ],
            nouns: &[
                "record crowds in {s}",
                "visitor numbers of {s}",
                "rush to {s}",
                "why is {s} so popular",
            ],
            leads: &[
                "More people than ever before came to the {s} of {city} {time}.",
                "The {s} in {city} counted {n} thousand guests {time}, the most in its history.",
            ],
            details: &["Many had to be sent away.", "Cafes around it did good business."],
        },
        Happening {
            verbs: &[
                "is renovated",
                "gets a new roof",
                "is repaired at last",
                "will be modernised",
            ],
            nouns: &[
                "renovation of {s}",
                "money for repair of {s}",
                "new roof for {s}",
                "modernisation of {s}",
            ],
            leads: &[
                "Workers began to renovate the {s} of {city} {time}.",
                "The council of {city} gives {n} million euros to modernise its {s}, it decided {time}.",
            ],
            details: &[
                "Rain had come through the ceiling.",
                "The work will last two winters.",
            ],
        },
        Happening {
            verbs: &[
                "burns down",
                "is destroyed by fire",
                "stands in flames",
                "goes up in smoke",
            ],
            nouns: &["fire in {s}", "burning {s}", "blaze at {s}", "{s} in ashes"],
            leads: &[
                "A fire destroyed the {s} of {city} {time}.",
                "Flames came out of the roof of a {s} in {city} {time}.",
            ],
            details: &[
                "{n} firefighters were called.",
                "A faulty cable is thought to be the cause.",
            ],
        },
        Happening {
            verbs: &[
                "is searched after a bomb threat",
                "has to be cleared",
                "is evacuated",
                "receives a threat",
            ],
            nouns: &[
                "bomb alarm in {s}",
                "evacuation of {s}",
                "threat against {s}",
                "police search {s} for bomb",
            ],
            leads: &[
                "Police cleared a {s} in {city} {time} after an anonymous call.",
                "Because somebody had threatened to plant a bomb, everybody had to leave the {s} of {city} {time}.",
            ],
            details: &[
                "Dogs searched every room and found nothing.",
                "After three hours all was over.",
            ],
        },
        Happening {
            verbs: &[
                "becomes a hotel",
                "is turned into flats",
                "is converted",
                "gets a new use",
            ],
            nouns: &[
                "{s} turned into hotel",
                "flats in old {s}",
                "conversion of {s}",
                "new use for {s}",
            ],
            leads: &[
                "The old {s} of {city} will be a hotel with {n} rooms, its owner said {time}.",
                "People will live where the {s} of {city} used to be, the council decided {time}.",
            ],
            details: &["The front will remain as it is.", "Not everybody likes the idea."],
        },
        Happening {
            verbs: &[
                "costs nothing",
                "is free of charge",
                "drops its entrance fee",
                "lets everybody in without a ticket",
            ],
            nouns: &[
                "free entry to {s}",
                "{s} without ticket",
                "no fee at {s}",
                "{s} free for all",
            ],
            leads: &[
                "Nobody has to pay in the {s} of {city} from {time}.",
                "The {s} in {city} does without a fee {time}, its director said.",
            ],
            details: &["A ticket was {n} euros before.", "A donor pays the difference."],
        },
    ],
    background: &[
        "It is {n} years old and stands by the river.",
        "Visitors often come from {other}.",
        "\"I used to come here as a child,\" said {witness}.",
        "The city has few places of this kind.",
        "{witness}, who works there, was moved.",
    ],
};
