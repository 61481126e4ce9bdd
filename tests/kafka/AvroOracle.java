import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.apache.avro.Schema;
import org.apache.avro.SchemaNormalization;
import org.apache.avro.file.CodecFactory;
import org.apache.avro.file.DataFileReader;
import org.apache.avro.file.DataFileWriter;
import org.apache.avro.file.SeekableByteArrayInput;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.generic.GenericDatumWriter;
import org.apache.avro.io.DecoderFactory;
import org.apache.avro.io.JsonEncoder;
import org.apache.avro.io.EncoderFactory;

/**
 * Apache Avro for Java, a request in JSON per line on stdin, an answer per line on stdout. Binary data and containers stand
 * in it as base64, and what was read as texts in Avro's own JSON.
 *
 * <pre>
 * {"schema": …, "codec": …, "data": [[datum, …], …]}    {"containers": […], "canonical": …, "rabin": …, "md5": …, "sha256": …}
 * {"containers": […], "reader": schema or null}         {"data": [[text, …] or {"error": …}, …]}
 * </pre>
 */
public class AvroOracle {
  private static final ObjectMapper JSON = new ObjectMapper();

  public static void main(String[] args) throws IOException {
    BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
    for (String line = in.readLine(); line != null; line = in.readLine()) {
      JsonNode request = JSON.readTree(line);
      ObjectNode answer = JSON.createObjectNode();
      try {
        if (request.has("schema"))
          write(request, answer);
        else
          read(request, answer);
      } catch (Exception e) {
        answer.put("error", e.toString());
      }
      out.println(answer);
    }
  }

  private static Schema parse(JsonNode text) {
    return text.isNull() ? null : new Schema.Parser().parse(text.textValue());
  }

  private static void write(JsonNode request, ObjectNode answer) throws Exception {
    Schema schema = parse(request.get("schema"));
    ArrayNode containers = answer.putArray("containers");
    for (JsonNode data : request.get("data"))
      containers.add(write(schema, request.get("codec").textValue(), data));
    answer.put("canonical", SchemaNormalization.toParsingForm(schema));
    answer.put("rabin", String.format("%016x", SchemaNormalization.parsingFingerprint64(schema)));
    answer.put("md5", hex(SchemaNormalization.parsingFingerprint("MD5", schema)));
    answer.put("sha256", hex(SchemaNormalization.parsingFingerprint("SHA-256", schema)));
  }

  /* Two data in a block. */
  private static byte[] write(Schema schema, String codec, JsonNode data) throws IOException {
    GenericDatumReader<Object> binary = new GenericDatumReader<>(schema);
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (DataFileWriter<Object> writer = new DataFileWriter<>(new GenericDatumWriter<>(schema))) {
      writer.setCodec(CodecFactory.fromString(codec));
      writer.create(schema, bytes);
      int number = 0;
      for (JsonNode datum : data) {
        writer.append(binary.read(null, DecoderFactory.get().binaryDecoder(datum.binaryValue(), null)));
        if (number++ % 2 == 1)
          writer.sync();
      }
    }
    return bytes.toByteArray();
  }

  private static String hex(byte[] bytes) {
    StringBuilder text = new StringBuilder();
    for (byte b : bytes)
      text.append(String.format("%02x", b));
    return text.toString();
  }

  private static void read(JsonNode request, ObjectNode answer) throws Exception {
    Schema reader = parse(request.get("reader"));
    ArrayNode all = answer.putArray("data");
    for (JsonNode container : request.get("containers")) {
      ArrayNode data = JSON.createArrayNode();
      try {
        read(data, container.binaryValue(), reader);
        all.add(data);
      } catch (Exception | StackOverflowError e) {
        all.addObject().put("error", e.toString());
      }
    }
  }

  private static void read(ArrayNode data, byte[] container, Schema reader) throws IOException {
    GenericDatumReader<Object> binary = new GenericDatumReader<>(null, reader);
    try (DataFileReader<Object> file = new DataFileReader<>(new SeekableByteArrayInput(container), binary)) {
      Schema schema = reader == null ? file.getSchema() : reader;
      GenericDatumWriter<Object> texts = new GenericDatumWriter<>(schema);
      while (file.hasNext()) {
        ByteArrayOutputStream text = new ByteArrayOutputStream();
        JsonEncoder encoder = EncoderFactory.get().jsonEncoder(schema, text);
        texts.write(file.next(), encoder);
        encoder.flush();
        data.add(text.toString(StandardCharsets.UTF_8));
      }
    }
  }
}
