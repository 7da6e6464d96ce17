#!/bin/sh
# The demonstration: two questions about one film, and what the second cost after the first.
# usage: demo.sh VIDCOMP FILM
set -eu
vidcomp=$1
film=$2
cache=$(mktemp -d)
trap 'rm -rf "$cache"' EXIT
export VIDCOMP_CACHE_DIR="$cache" VIDCOMP_OFFLINE=true

ask() {
    printf '\n$ vidcomp ask %s "%s"\n' "$film" "$1"
    began=$(date +%s)
    "$vidcomp" ask "$film" "$1"
    took=$(($(date +%s) - began))
    printf '(%s s)\n' "$took"
}

ask "When was the lighthouse built?"
first=$took
ask "At what time does the boat to Goose Island depart?"
printf '\nThe first question took %s s: the film was decoded, heard and read. The second took %s s: all of that was kept.\n' \
    "$first" "$took"
printf '\n$ vidcomp summarize %s\n' "$film"
"$vidcomp" summarize "$film"
