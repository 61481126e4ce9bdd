# bash completion for kt. Everything it offers comes from `kt __complete_line`, quoted for this shell.
_kt()
{
	local candidate help
	COMPREPLY=()
	while IFS=$'\t' read -r candidate help; do
		case $candidate in
		:file) compopt -o default ;;
		:dir) compopt -o dirnames ;;
		*)
			[[ $candidate == *= ]] && compopt -o nospace
			COMPREPLY+=("$candidate")
			;;
		esac
	done < <("$1" __complete_line "${COMP_LINE:0:COMP_POINT}" "$COMP_WORDBREAKS" 2>/dev/null)
}
complete -F _kt kt
