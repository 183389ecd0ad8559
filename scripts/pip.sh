# The pip that scripts/fetch-wheel works with; sourced, not run.
#
# What sources it sets `cache` to a folder and defines `say` and `fail`, which take a sentence.

# scripts/fetch-wheel needs this version.
readonly pip_package="pip==25.3 9655943313a94722b7774661c21049070f6bbb0a1516bf02f7c8d5d9201514cd"
readonly pip_wheel=$cache/pip-25.3-py3-none-any.whl

# Puts the pinned pip into the cache, by the pip that there is; $1 ends the advice in errors.
#
# Debian 12's pip starts a broken download from the beginning.
fetch_pip() {
    local pip part=$cache/pip.part.$$
    export PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_INPUT=1 PIP_RESUME_RETRIES=10
    [[ -f $pip_wheel ]] && echo "${pip_package#* }  $pip_wheel" | sha256sum --check --status &&
        return
    read -r -a pip <<<"${PIP:-python3 -m pip}"
    "${pip[@]}" --version >/dev/null 2>&1 ||
        fail "'${pip[*]}' does not run: install it (Debian: apt-get install python3-pip) or set PIP"
    say "pip 25.3: downloading"
    rm -rf "$cache"/pip.part.* && mkdir -p "$part"
    (cd "$part" && echo "${pip_package% *} --hash=sha256:${pip_package#* }" >requirements.txt &&
        "${pip[@]}" download --quiet --no-deps --dest . --requirement requirements.txt) ||
        fail "cannot download pip 25.3 (pip's message is above): check the network or the proxy$1"
    mv -f "$part/${pip_wheel##*/}" "$pip_wheel"
    rm -rf "$part"
}
