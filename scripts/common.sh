# Shared by the scripts of this folder; sourced, not run.

# Prints a heading with the seconds since the script began.
step() {
    printf '\n==> [%4ds] %s\n' "$SECONDS" "$*"
}

# Prints one sentence and ends the script.
fail() {
    printf 'error: %s\n' "$*" >&2
    exit 1
}
