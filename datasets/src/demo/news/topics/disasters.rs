//! Disasters.

use super::{Happening, Topic};

pub(super) const TOPIC: Topic = Topic {
    subjects: &[
        &["earthquake", "tremor", "seismic shock"],
        &["flood", "deluge", "torrent"],
        &["wildfire", "forest blaze"],
        &["hurricane", "storm", "gale"],
        &["landslide", "mudslide", "rockfall"],
        &["explosion", "blast", "detonation"],
        &["cloudburst", "downpour"],
        &["tornado", "twister", "whirlwind"],
        &["hailstorm", "ice storm"],
        &["gas leak", "broken gas pipe"],
    ],
    happenings: &[
        Happening {
            verbs: &[
                "destroys homes",
                "ruins houses",
                "leaves families homeless",
                "wrecks dwellings",
            ],
            nouns: &[
                "houses destroyed by {s}",
                "homeless after {s}",
                "{s} damage to homes",
                "people lose homes in {s}",
            ],
            leads: &[
                "Because of a {s}, {n} houses in {city} can no longer be lived in since {time}.",
                "{n} families in {city} lost their homes through a {s} {time}.",
            ],
            details: &[
                "The victims sleep in a sports hall.",
                "Volunteers collect blankets and food.",
            ],
        },
        Happening {
            verbs: &[
                "injures dozens",
                "hurts many people",
                "sends residents to hospital",
                "leaves many wounded",
            ],
            nouns: &[
                "injured by {s}",
                "people hurt in {s}",
                "wounded after {s}",
                "casualties of {s}",
            ],
            leads: &[
                "Doctors in {city} treated {n} people who had been injured by a {s} {time}.",
                "At least {n} people were hurt when a {s} struck {city} {time}.",
            ],
            details: &[
                "Most have broken bones.",
                "Nobody is in danger of death, according to the hospital.",
            ],
        },
        Happening {
            verbs: &[
                "closes schools",
                "keeps pupils at home",
                "interrupts lessons",
                "gives children a day off",
            ],
            nouns: &[
                "schools shut after {s}",
                "no lessons because of {s}",
                "classes cancelled by {s}",
                "pupils at home because of {s}",
            ],
            leads: &[
                "All schools in {city} were shut {time} because of a {s}.",
                "Teachers in {city} sent their classes home {time} after warnings of a {s}.",
            ],
            details: &[
                "Parents had to stay away from work.",
                "It is not known when teaching begins again.",
            ],
        },
        Happening {
            verbs: &[
                "cuts electricity",
                "causes a blackout",
                "leaves thousands without power",
                "turns off the lights",
            ],
            nouns: &[
                "power cut after {s}",
                "blackout caused by {s}",
                "no electricity because of {s}",
                "lights out after {s}",
            ],
            leads: &[
                "A failure of the power grid after a {s} left {n} thousand people in {city} in the dark {time}.",
                "Large parts of {city} had no electricity {time} because a {s} had damaged the lines.",
            ],
            details: &[
                "Lifts stopped between floors.",
                "Technicians work around the clock to repair the cables.",
            ],
        },
        Happening {
            verbs: &[
                "forces an evacuation",
                "drives people from the centre",
                "makes residents flee",
                "empties whole streets",
            ],
            nouns: &[
                "evacuation because of {s}",
                "people flee {s}",
                "residents brought to safety from {s}",
                "who had to leave because of {s}",
            ],
            leads: &[
                "{n} thousand people had to leave their flats in {city} {time} because of a {s}.",
                "The fire brigade evacuated a part of {city} {time}, as a {s} threatened it.",
            ],
            details: &[
                "Buses took them to relatives and hotels.",
                "Police guard the empty blocks against thieves.",
            ],
        },
        Happening {
            verbs: &[
                "blocks roads",
                "stops traffic",
                "cuts off villages",
                "buries a motorway",
            ],
            nouns: &[
                "roads impassable after {s}",
                "traffic chaos after {s}",
                "streets blocked by {s}",
                "villages cut off by {s}",
            ],
            leads: &[
                "No car could reach {city} {time}, since a {s} had made {n} roads impassable.",
                "Traffic around {city} came to a standstill {time} because of a {s}.",
            ],
            details: &[
                "Drivers spent hours in their cars.",
                "Soldiers clear the way with heavy machines.",
            ],
        },
        Happening {
            verbs: &[
                "damages the cathedral",
                "harms an old church",
                "hits a historic chapel",
                "breaks church windows",
            ],
            nouns: &[
                "church damaged by {s}",
                "{s} hits cathedral",
                "historic chapel after {s}",
                "repair of church after {s}",
            ],
            leads: &[
                "The old church of {city} was badly damaged by a {s} {time}.",
                "Since a {s} reached the cathedral of {city} {time}, nobody may enter it.",
            ],
            details: &[
                "The tower is {n} metres high.",
                "The bishop asked believers for donations.",
            ],
        },
        Happening {
            verbs: &[
                "halts trains",
                "disrupts rail service",
                "strands rail passengers",
                "closes the railway",
            ],
            nouns: &[
                "no trains because of {s}",
                "railway closed after {s}",
                "rail passengers stranded by {s}",
                "train delays after {s}",
            ],
            leads: &[
                "No train left the station of {city} {time} because of a {s}.",
                "Travellers spent the night in railway carriages near {city} {time} after a {s} had reached the tracks.",
            ],
            details: &[
                "Tickets will be refunded.",
                "The railway put on {n} buses instead.",
            ],
        },
    ],
    background: &[
        "Nothing like it had happened there for {n} years.",
        "Neighbours in {other} offered help.",
        "\"We heard a loud noise,\" said {witness}, who lives nearby.",
        "The government promised quick help.",
        "Experts had warned of it for a long time.",
    ],
};
