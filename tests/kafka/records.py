"""Records that clients tend to get wrong, in the form of client.py, on partitions 0 to 3."""
import json

contents = ["plain", "", None, "two\nlines", "\0", "a\0b", "tab\tcr\r\n", "\u00ff\u00fe", "\u00c3\u00a9",
            "\u00c3", "\u00ed\u00a0\u0080", "\u00ef\u00bb\u00bf", "'\"\\", "%s%n", "\u0001\u001b[31m\u007f",
            "".join(map(chr, range(256))), "x" * 70000]
header_lists = [[], [["a", "x"]], [["a", "1"], ["b", "2"], ["a", "3"], ["a", "1"]], [["null", None], ["empty", ""]],
                [["", "no name"]], [["\u00c3\u00a9", "\u00ff\u0000"]], [["k=v", "=,\n"]],
                [[str(i), str(i)] for i in range(100)]]
timestamps = [1, 1000, 1700000000123]

for i, value in enumerate(contents):
    for j, key in enumerate(contents[:-1]):
        n = i * len(contents) + j
        print(json.dumps({"partition": n % 4, "timestamp": timestamps[n % len(timestamps)], "key": key, "value": value,
                          "headers": header_lists[n % len(header_lists)]}))
