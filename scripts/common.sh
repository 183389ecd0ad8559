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

# Installs the packages listed in file $2 into environment $1 of the cache and prints its python.
# What is installed is written down last, so half an installation is never taken for a whole one.
python_environment() {
    local folder wanted=$2
    folder=$(cache_folder)/$1
    if ! cmp -s "$wanted" "$folder/requirements.txt"; then
        {
            echo "Installing into $folder (minutes):"
            paste -sd ' ' "$wanted"
            mkdir -p "$folder"
            python3 -m venv "$folder" ||
                fail "python3 cannot make a virtual environment: install python3-venv"
            "$folder/bin/python" -m pip install --disable-pip-version-check --progress-bar off \
                -r "$wanted" ||
                fail "pip could not install them: check network and disk space, then run this again"
            cp "$wanted" "$folder/requirements.txt"
        } >&2
    fi
    echo "$folder/bin/python"
}

# Prints the path of slimvsr: what SLIMVSR names, or this checkout's, which is then built.
slimvsr_program() {
    if [[ -n ${SLIMVSR:-} ]]; then
        echo "$SLIMVSR"
    else
        swift build -c release --product slimvsr >&2
        echo "$(swift build -c release --show-bin-path)/slimvsr"
    fi
}
