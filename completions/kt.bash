# bash completion for kt. Everything it offers comes from `kt __complete`.
_kt()
{
	local line=${COMP_LINE:0:COMP_POINT} words candidate help
	read -ra words <<<"$line"
	[[ $line == *[[:space:]] ]] && words+=("")
	# bash itself breaks words at = and :, and replaces only what stands behind.
	local word=${words[-1]}
	local kept=${word%"${word##*[=:]}"}
	COMPREPLY=()
	while IFS=$'\t' read -r candidate help; do
		case $candidate in
		:file | :dir)
			compopt -o filenames 2>/dev/null
			mapfile -t COMPREPLY < <(compgen "-${candidate:1:1}" -- "${word#"$kept"}")
			;;
		*)
			[[ $candidate == *= ]] && compopt -o nospace 2>/dev/null
			COMPREPLY+=("${candidate#"$kept"}")
			;;
		esac
	done < <("${words[0]}" __complete "${words[@]:1}" 2>/dev/null)
}
complete -F _kt kt
