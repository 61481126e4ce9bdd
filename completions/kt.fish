# fish completion for kt. Everything it offers comes from `kt __complete`.
function __kt_complete
    set -l words (commandline -opc)
    set -l word (commandline -ct)
    set -l glued (string match -r -- '^-[^=]*=' "$word")
    set -l rest (string replace -- "$glued" '' "$word")
    for line in ($words[1] __complete $words[2..] "$word" 2>/dev/null)
        switch $line
            case ':file'
                printf "$glued%s\n" (__fish_complete_path "$rest")
            case ':dir'
                printf "$glued%s\n" (__fish_complete_directories "$rest")
            case '*'
                echo $line
        end
    end
end
complete -c kt -f -a '(__kt_complete)'
