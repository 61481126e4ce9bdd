/* The page of the course's chat. */
#include "chat.h"

static const char before_title[] = "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
				   "<meta name=\"viewport\" content=\"width=device-width\">\n<title>Connected to Pod ";
static const char before_heading[] =
	"</title>\n<style>\n"
	"html { height: 100%; color-scheme: light dark; }\n"
	"body { height: 100%; margin: 0; display: flex; flex-direction: column; font-family: sans-serif; }\n"
	"h1 { text-align: center; font-size: 1.4em; }\n"
	"#log { flex: 1; overflow: auto; margin: 0 .5em; padding: .5em; border: 1px solid; }\n"
	"#log div { white-space: pre-wrap; overflow-wrap: anywhere; }\n"
	"form { padding: .5em; }\n"
	"input[type=text] { max-width: 80%; }\n"
	"</style>\n</head>\n<body>\n<h1>Chatting on ";
static const char after_heading[] =
	"</h1>\n<div id=\"log\" role=\"log\"></div>\n"
	"<form id=\"form\"><input type=\"submit\" value=\"Send\"> "
	"<input type=\"text\" id=\"text\" size=\"64\" autocomplete=\"off\" autofocus aria-label=\"Message\"></form>\n"
	"<script>\n"
	"'use strict';\n"
	"const log = document.getElementById('log'), text = document.getElementById('text');\n"
	"function show(line, bold) {\n"
	"  const atEnd = log.scrollTop > log.scrollHeight - log.clientHeight - 1;\n"
	"  const item = document.createElement('div');\n"
	"  const inner = bold ? item.appendChild(document.createElement('b')) : item;\n"
	"  inner.textContent = line;\n"
	"  log.appendChild(item);\n"
	"  if (atEnd) log.scrollTop = log.scrollHeight - log.clientHeight;\n"
	"}\n"
	"let socket;\n"
	"document.getElementById('form').onsubmit = (event) => {\n"
	"  event.preventDefault();\n"
	"  if (!socket || socket.readyState !== WebSocket.OPEN || !text.value) return;\n"
	"  socket.send(text.value);\n"
	"  text.value = '';\n"
	"};\n"
	"if (window.WebSocket) {\n"
	"  socket = new WebSocket((location.protocol === 'https:' ? 'wss://' : 'ws://') + location.host + '/ws');\n"
	"  socket.onclose = () => show('Connection closed.', true);\n"
	"  socket.onmessage = (event) => { for (const line of event.data.split('\\n')) show(line); };\n"
	"} else {\n"
	"  show('Your browser does not support WebSockets.', true);\n"
	"}\n"
	"</script>\n</body>\n</html>\n";

static void add_escaped(struct kt_buf *out, const char *text)
{
	static const char *const names[] = {
		['&'] = "&amp;", ['<'] = "&lt;", ['>'] = "&gt;", ['"'] = "&#34;", ['\''] = "&#39;"};
	for (const unsigned char *at = (const unsigned char *)text; *at; at++) {
		if (*at < KT_LEN(names) && names[*at])
			kt_buf_adds(out, names[*at]);
		else
			kt_buf_addc(out, (char)*at);
	}
}

void kt_chat_page(struct kt_buf *out, const char *pod)
{
	kt_buf_adds(out, before_title);
	add_escaped(out, pod);
	kt_buf_adds(out, before_heading);
	add_escaped(out, pod);
	kt_buf_adds(out, after_heading);
}
