"""Completion in bash, zsh and fish, as scripts for a shell to read; what completes is Click's to answer.

Click's own scripts complete a program of one word. This one is called `python -m autograder`, and `./run_autograder`,
which is its `grade`: other uses of `python` complete as before.
"""

from __future__ import annotations

import shlex
import sys
from pathlib import Path
from typing import Final

#: The variable by which a script asks Click for an answer.
VARIABLE: Final = "_AUTOGRADER_COMPLETE"

_BASH: Final = r"""
# Completes `python -m autograder` and ./run_autograder; bash 4.4 or newer.
_autograder() {
    local -a words
    local position kind value IFS=$'\n'
    if [[ ${1##*/} == run_autograder ]]; then
        words=(autograder grade "${COMP_WORDS[@]:1}") position=$((COMP_CWORD + 1))
    elif [[ ${COMP_WORDS[1]} == -m && ${COMP_WORDS[2]} == autograder ]] && ((COMP_CWORD > 2)); then
        words=(autograder "${COMP_WORDS[@]:3}") position=$((COMP_CWORD - 2))
    else
        COMPREPLY=()
        if [[ -n $_autograder_before ]]; then "$_autograder_before" "$@"; else compopt -o default; fi
        return
    fi
    COMPREPLY=()
    while IFS=, read -r kind value; do
        case $kind in
            dir) compopt -o dirnames ;;
            file) compopt -o default ;;
            plain) COMPREPLY+=("$value") ;;
        esac
    done < <(COMP_WORDS="${words[*]}" COMP_CWORD=$position VARIABLE=bash_complete PROGRAM 2>/dev/null)
}
# Where bash-completion loads what completes python only when it is asked for: ask for it.
if declare -F _comp_load >/dev/null; then _comp_load python; elif declare -F _completion_loader >/dev/null; then
    _completion_loader python
fi 2>/dev/null
_autograder_found=$(complete -p python 2>/dev/null | sed -n 's/.* -F \([^ ]*\) .*/\1/p')
[[ $_autograder_found == _autograder ]] || _autograder_before=$_autograder_found
unset _autograder_found
complete -o nosort -F _autograder python python3 run_autograder
"""

_ZSH: Final = r"""
# Completes `python -m autograder` and ./run_autograder; to be read after compinit.
_autograder() {
    local -a asked answers plain described
    local position kind value help
    if [[ ${words[1]:t} == run_autograder ]]; then
        asked=(autograder grade "${(@)words[2,-1]}") position=$CURRENT
    elif [[ ${words[2]} == -m && ${words[3]} == autograder ]] && ((CURRENT > 3)); then
        asked=(autograder "${(@)words[4,-1]}") position=$((CURRENT - 3))
    else
        _python "$@"
        return
    fi
    answers=("${(@f)$(COMP_WORDS="${(F)asked}" COMP_CWORD=$position VARIABLE=zsh_complete PROGRAM 2>/dev/null)}")
    for kind value help in $answers; do
        case $kind in
            dir) _path_files -/ ;;
            file) _path_files -f ;;
            plain) if [[ $help == _ ]]; then plain+=("$value"); else described+=("$value:$help"); fi ;;
        esac
    done
    (($#described)) && _describe -V unsorted described -U
    (($#plain)) && compadd -U -V unsorted -a plain
}
compdef _autograder python python3 run_autograder
"""

_FISH: Final = r"""
# Completes `python -m autograder` and ./run_autograder.
function __autograder_asked
    set -l words (commandline -opc)
    string match -qr '(^|/)run_autograder$' -- $words[1]
    or test "$words[2] $words[3]" = '-m autograder'
end
function __autograder
    set -l words (commandline -opc)
    if string match -qr '(^|/)run_autograder$' -- $words[1]
        set words autograder grade $words[2..-1]
    else
        set words autograder $words[4..-1]
    end
    set -l current (commandline -ct)
    for answer in (COMP_WORDS=(string join \n -- $words $current | string collect) COMP_CWORD=$current \
        VARIABLE=fish_complete PROGRAM 2>/dev/null)
        set -l parts (string split -m 1 , -- $answer)
        switch $parts[1]
            case dir
                __fish_complete_directories $current
            case file
                __fish_complete_path $current
            case plain
                echo $parts[2]
        end
    end
end
for name in python python3 run_autograder
    complete --command $name --condition __autograder_asked --no-files --arguments '(__autograder)'
end
"""

_SCRIPTS: Final = {"bash": _BASH, "zsh": _ZSH, "fish": _FISH}
SHELLS: Final = tuple(_SCRIPTS)


def script(shell: str) -> str:
    """Return what `shell`, one of SHELLS, has to read. It holds this interpreter's place and this clone's."""
    program = shlex.join([sys.executable, "-I", "-B", str(Path(__file__).resolve().parents[1])])
    return _SCRIPTS[shell].lstrip().replace("VARIABLE", VARIABLE).replace("PROGRAM", program)
