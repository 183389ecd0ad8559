# Shared by the scripts of this folder; sourced, not run.

# Prints a heading with the seconds since the script began.
step() {
    printf '\n==> [%4ds] %s\n' "$SECONDS" "$*"
}

# Prints the folder that downloads and what is made of them are kept in.
#
# As the programs read it: a path that is not absolute is no cache.
cache_folder() {
    [[ ${XDG_CACHE_HOME:-} == /* ]] && echo "$XDG_CACHE_HOME/slimvsr" || echo "$HOME/.cache/slimvsr"
}

# Prints one sentence and ends the script.
fail() {
    printf 'error: %s\n' "$*" >&2
    exit 1
}
