"""One Day in Port Almond: the scenes, every word spoken or shown, and questions with their true answers.

No fact that is asked for is both spoken and shown, so an answer tells whether the film was heard or read.
Times are multiples of half a second, which are whole frames at 24 per second.
"""

from __future__ import annotations

from samples.harbour.records import Line, Question, Scene, Sign

TITLE = "One Day in Port Almond"
LICENCE = "Apache-2.0; drawn, spoken and written by this project's own script"

SCENES = (
    Scene(
        "dawn",
        12.5,
        lines=(
            Line("town", 4.0, "Port Almond is a small harbor town."),
            Line("fishing", 7.5, "Its people have lived from fishing for three hundred years."),
        ),
        signs=(Sign("title", 0.5, 3.5, "ONE DAY IN PORT ALMOND"), Sign("population", 0.0, 12.5, "POPULATION 412")),
        fade_in_s=0.5,
    ),
    Scene(
        "lighthouse",
        13.0,
        lines=(
            Line("keeper", 1.0, "The keeper of the lighthouse is called Helen."),
            Line("steps", 5.0, "Every morning she climbs one hundred and twelve steps to clean the lamp."),
        ),
        signs=(Sign("built", 9.0, 12.5, "THE LIGHTHOUSE WAS BUILT IN 1871"),),
    ),
    Scene(
        "bakery",
        12.0,
        lines=(
            Line("early", 1.0, "In the bakery, Thomas gets up at two o'clock in the morning."),
            Line("secret", 7.0, "His secret is a spoon of honey in the dough."),
        ),
        signs=(
            Sign("shop", 0.0, 12.0, "BAKERY"),
            Sign("bread", 0.0, 12.0, "RYE BREAD 3.20"),
            Sign("cake", 0.0, 12.0, "PLUM CAKE 4.50"),
        ),
    ),
    Scene(
        "ferry",
        12.0,
        lines=(
            Line("letters", 2.0, "This boat carries letters and eleven school children."),
            Line("crossing", 7.0, "The crossing takes forty minutes."),
        ),
        signs=(
            Sign("destination", 0.0, 12.0, "GOOSE ISLAND"),
            Sign("departure", 0.0, 12.0, "DEPARTS 9:45"),
            Sign("pier", 0.0, 12.0, "PIER 3"),
            Sign("hull", 0.0, 12.0, "ROSALIND"),
        ),
    ),
    Scene("sea", 8.0),
    Scene(
        "market",
        10.5,
        lines=(
            Line("apples", 1.5, "The children sell apples at the market."),
            Line("piano", 6.0, "They are saving money for a new piano."),
        ),
        signs=(Sign("banner", 0.0, 10.5, "MARKET EVERY THURSDAY"),),
    ),
    Scene(
        "storm",
        17.5,
        lines=(
            Line("north", 2.5, "In the afternoon, a storm came from the north."),
            Line("engine", 7.0, "A fishing boat lost its engine, and Helen saw it first."),
            Line("rescue", 12.5, "The ferry pulled the boat home, and both sailors were safe."),
        ),
        signs=(Sign("warning", 0.5, 5.5, "STORM WARNING: FORCE 9"),),
        fade_out_s=0.5,
    ),
    Scene(
        "night",
        13.5,
        lines=(
            Line("square", 2.0, "At night, everyone came to the square."),
            Line("whistle", 6.0, "The sailors thanked Helen with a silver whistle."),
        ),
        signs=(Sign("festival", 1.0, 12.0, "HARBOUR FESTIVAL 14 AUGUST"),),
        fade_in_s=1.0,
        fade_out_s=1.5,
    ),
)

QUESTIONS = (
    Question(
        "How long have the people of Port Almond lived from fishing?", "three hundred years", "fishing", ("300 years",)
    ),
    Question("Who is the keeper of the lighthouse?", "Helen", "keeper"),
    Question("How many steps does she climb every morning?", "one hundred and twelve", "steps", ("112",)),
    Question("When does Thomas get up?", "two o'clock in the morning", "early", ("2 o'clock",)),
    Question("What is the secret in the dough?", "a spoon of honey", "secret"),
    Question("How many school children does the boat carry?", "eleven", "letters", ("11",)),
    Question("How long does the crossing take?", "forty minutes", "crossing", ("40 minutes",)),
    Question("What are the children saving money for?", "a new piano", "piano"),
    Question("Where did the storm come from?", "the north", "north"),
    Question("What did the fishing boat lose?", "its engine", "engine"),
    Question("How did the sailors thank Helen?", "with a silver whistle", "whistle"),
    Question("What is the population of the town?", "412", "population"),
    Question("In which year was the lighthouse built?", "1871", "built"),
    Question("How much does plum cake cost?", "4.50", "cake"),
    Question("How much does rye bread cost?", "3.20", "bread"),
    Question("At what time does the boat to Goose Island depart?", "9:45", "departure"),
    Question("At which pier does the boat to Goose Island lie?", "pier 3", "pier"),
    Question("What name is painted on the hull of the ferry?", "Rosalind", "hull"),
    Question("On which day of the week is the market held?", "Thursday", "banner"),
    Question("What force does the storm warning give?", "force 9", "warning"),
    Question("What is the date of the harbour festival?", "14 August", "festival"),
    Question("What is the name of the mayor?"),
    Question("How much does a ticket for the ferry cost?"),
    Question("How old is Helen?"),
    Question("What breed is the captain's dog?"),
    Question("Which football team won the match?"),
)
