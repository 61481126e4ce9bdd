import java.io.File;
import org.apache.avro.file.DataFileReader;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.generic.GenericRecord;

/** Reads Avro files: how many records there are, the sum of their fields n, and what the schema says of itself. */
public class SinkReader {
  public static void main(String[] names) throws Exception {
    long count = 0, sum = 0;
    String doc = null;
    for (String name : names) {
      try (var file = new DataFileReader<GenericRecord>(new File(name), new GenericDatumReader<>())) {
        doc = file.getSchema().getDoc();
        for (GenericRecord record : file) {
          count++;
          if (record.hasField("n"))
            sum += ((Number) record.get("n")).longValue();
        }
      }
    }
    System.out.println(count + " " + sum + " " + doc);
  }
}
