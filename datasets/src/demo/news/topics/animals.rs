//! Animals.

use super::{Happening, Topic};

pub(super) const TOPIC: Topic = Topic {
    subjects: &[
        &["dogs", "hounds"],
        &["cats", "felines"],
        &["horses", "ponies", "stallions"],
        &["pigs", "swine", "hogs"],
        &["rabbits", "hares", "bunnies"],
        &["eagles", "raptors", "birds of prey"],
        &["bees", "pollinators"],
        &["snakes", "serpents"],
        &["frogs", "toads", "amphibians"],
        &["monkeys", "apes", "primates"],
        &["rats", "mice", "rodents"],
        &["ducks", "geese", "waterfowl"],
    ],
    happenings: &[
        Happening {
            verbs: &[
                "escape",
                "break out",
                "run away",
                "flee from their cage",
                "are on the loose",
            ],
            nouns: &[
                "escaped {s}",
                "{s} on the loose",
                "outbreak of {s} from cage",
                "who lost {s}",
            ],
            leads: &[
                "{n} {s} escaped from a farm near {city} {time}.",
                "A keeper in {city} left a gate open {time}, and {n} {s} ran off.",
            ],
            details: &[
                "Half of them were caught within hours.",
                "Residents should not try to touch them.",
            ],
        },
        Happening {
            verbs: &[
                "are rescued",
                "are saved by firefighters",
                "are freed from a shaft",
                "are pulled out of the mud",
            ],
            nouns: &[
                "rescue of {s}",
                "firefighters save {s}",
                "{s} in need freed",
                "who helped the {s}",
            ],
            leads: &[
                "The fire brigade of {city} rescued {n} {s} from a shaft {time}.",
                "Helpers pulled {n} {s} out of the mud near {city} {time}.",
            ],
            details: &["All are in good health.", "It took five hours and a crane."],
        },
        Happening {
            verbs: &[
                "return after decades",
                "are seen again",
                "come back",
                "settle in the park",
            ],
            nouns: &[
                "return of {s}",
                "{s} come back",
                "{s} sighted again",
                "{s} settle in park",
            ],
            leads: &[
                "For the first time in {n} years, wild {s} live in {city}, biologists said {time}.",
                "Walkers saw {s} in the woods of {city} {time}, where they had been thought extinct.",
            ],
            details: &[
                "The water is cleaner than before.",
                "Cameras are to show how many there are.",
            ],
        },
        Happening {
            verbs: &[
                "die of a virus",
                "fall victim to a disease",
                "are killed by an infection",
                "perish in large numbers",
            ],
            nouns: &[
                "dead {s}",
                "disease kills {s}",
                "virus among {s}",
                "why do {s} die",
            ],
            leads: &[
                "{n} {s} died of an infection in {city} {time}.",
                "Vets in {city} warned {time} of a virus that kills {s}.",
            ],
            details: &[
                "It is harmless for people.",
                "Farms in the area were closed to visitors.",
            ],
        },
        Happening {
            verbs: &[
                "are protected by law",
                "may no longer be hunted",
                "get a reserve",
                "are put under protection",
            ],
            nouns: &[
                "protection of {s}",
                "hunting ban for {s}",
                "reserve for {s}",
                "law against hunting {s}",
            ],
            leads: &[
                "Hunters may not shoot {s} around {city} from {time}.",
                "A law that protects {s} was passed in {city} {time}.",
            ],
            details: &[
                "Those who break it pay {n} thousand euros.",
                "Hunters called the decision wrong.",
            ],
        },
        Happening {
            verbs: &[
                "stop traffic",
                "block a motorway",
                "cause a jam",
                "hold up drivers",
            ],
            nouns: &[
                "{s} on the road",
                "traffic jam because of {s}",
                "motorway blocked by {s}",
                "drivers wait for {s}",
            ],
            leads: &[
                "{n} {s} walked on a motorway near {city} {time}, and no car could pass.",
                "Because of {s} on the road, drivers near {city} had to wait {n} minutes {time}.",
            ],
            details: &["Police drove them back to a meadow.", "Nobody was hurt."],
        },
        Happening {
            verbs: &[
                "are born in a zoo",
                "have young",
                "become parents",
                "get offspring",
            ],
            nouns: &["baby {s}", "young {s} in zoo", "birth of {s}", "offspring of {s}"],
            leads: &[
                "{n} {s} came into the world in the zoo of {city} {time}.",
                "The zoo of {city} showed the young of its {s} to visitors {time}.",
            ],
            details: &[
                "They still drink milk from a bottle.",
                "Children may suggest names.",
            ],
        },
        Happening {
            verbs: &[
                "learn to count",
                "prove to be clever",
                "pass a memory test",
                "surprise researchers",
            ],
            nouns: &[
                "how clever are {s}",
                "intelligence of {s}",
                "can {s} count",
                "study on the mind of {s}",
            ],
            leads: &[
                "Researchers in {city} taught {s} to count to {n}, they wrote {time}.",
                "According to a study from {city} {time}, {s} remember faces for years.",
            ],
            details: &[
                "Each right answer was rewarded with food.",
                "Older ones learnt faster.",
            ],
        },
    ],
    background: &[
        "\"They are lovely to look at,\" said {witness}, a biologist.",
        "In {other}, such news would surprise nobody.",
        "Photographers came from far away.",
        "An animal welfare group follows the case.",
        "It was cold and windy.",
    ],
};
