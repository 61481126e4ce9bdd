# fish completion for kt. Everything it offers comes from `kt __complete`.
function __kt_complete
    set -l words (commandline -opc)
    set -l typed (commandline -ct)
    # Without its quotes, of which the last one may still be missing.
    set -l word (string unescape -- "$typed"; or string unescape -- "$typed'"; or string unescape -- "$typed\"")
    set -l glued (string match -r -- '^-[^=]*=' "$word")
    set -l rest (string replace -- "$glued" '' "$word")
    for line in ($words[1] __complete $words[2..] "$word" 2>/dev/null)
        switch $line
            case ':file'
                printf '%s%s\n' "$glued" (__fish_complete_path "$rest")
            case ':dir'
                printf '%s%s\n' "$glued" (__fish_complete_directories "$rest")
            case '*'
                echo -- $line
        end
    end
end
complete -c kt -f -a '(__kt_complete)'
