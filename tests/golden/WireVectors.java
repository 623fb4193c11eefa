// Prints one line for every API and version in codecs/kafka/messages: a request and a response as Kafka's own
// generated classes encode them, once with every field set ("full") and once with defaults ("plain"). From the source
// root:
//
//   java -cp 'kafka-clients-3.9.2.jar:slf4j-api.jar' tests/golden/WireVectors.java > tests/golden/wire_vectors.txt
//
// Line: API-KEY NAME request|response VERSION full|plain HEX. The C++ test (tests/unit/codecs/kafka/golden_test.cc)
// decodes each and must encode it back to the same bytes.

import java.lang.reflect.Field;
import java.lang.reflect.Method;
import java.lang.reflect.ParameterizedType;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.protocol.ByteBufferAccessor;
import org.apache.kafka.common.protocol.MessageUtil;
import org.apache.kafka.common.protocol.types.Schema;
import org.apache.kafka.common.protocol.types.TaggedFields;
import org.apache.kafka.common.record.MemoryRecords;

public class WireVectors {
    /** `spec{KEY, "Name", FIRST, LAST, ...}` of a message. */
    static final Pattern SPEC = Pattern.compile("api_spec spec\\{(\\d+), \"\\w+\", (\\d+), (\\d+)[,}]");

    static int next;

    public static void main(String[] arguments) throws Exception {
        try (Stream<Path> messages = Files.list(Path.of("codecs/kafka/messages"))) {
            for (Path message : messages.sorted().toList()) {
                Matcher spec = SPEC.matcher(Files.readString(message));
                if (spec.find()) {
                    ApiKeys key = ApiKeys.forId(Integer.parseInt(spec.group(1)));
                    int last = Integer.parseInt(spec.group(3));
                    for (int version = Integer.parseInt(spec.group(2)); version <= last; version++) {
                        print(key, "request", version);
                        print(key, "response", version);
                    }
                }
            }
        }
    }

    static void print(ApiKeys key, String kind, int version) throws Exception {
        boolean request = kind.equals("request");
        ApiMessage full = request ? key.messageType.newRequest() : key.messageType.newResponse();
        ApiMessage plain = request ? key.messageType.newRequest() : key.messageType.newResponse();
        Schema[] schemas = request ? key.messageType.requestSchemas() : key.messageType.responseSchemas();
        next = 0;
        fill(full, schemas[version]);
        line(key, kind, version, "full", full);
        line(key, kind, version, "plain", plain);
    }

    static void line(ApiKeys key, String kind, int version, String what, ApiMessage message) {
        ByteBuffer encoded = MessageUtil.toByteBuffer(message, (short) version);
        byte[] octets = new byte[encoded.remaining()];
        encoded.get(octets);
        System.out.printf("%d %s %s %d %s %s%n", key.id, key.name, kind, version, what, HexFormat.of().formatHex(octets));
    }

    static void fill(Object message, Schema schema) throws Exception {
        for (var bound : schema.fields()) {
            if (bound.def.type instanceof TaggedFields tagged) {
                Field all = TaggedFields.class.getDeclaredField("fields");
                all.setAccessible(true);
                for (Object each : ((Map<?, ?>) all.get(tagged)).values()) {
                    var field = (org.apache.kafka.common.protocol.types.Field) each;
                    set(message, field.name, field.type);
                }
            } else {
                set(message, bound.def.name, bound.def.type);
            }
        }
    }

    static void set(Object message, String wireName, Object wireType) throws Exception {
        Field field = find(message.getClass(), wireName);
        field.setAccessible(true);
        field.set(message, value(field, wireType));
    }

    /** The field whose name is `wireName` in snake case. */
    static Field find(Class<?> in, String wireName) {
        String plain = wireName.replace("_", "");
        for (Field each : in.getDeclaredFields()) {
            if (each.getName().equalsIgnoreCase(plain)) {
                return each;
            }
        }
        throw new IllegalStateException(in + " has no field " + wireName);
    }

    static Object value(Field field, Object wireType) throws Exception {
        Class<?> type = field.getType();
        if (Collection.class.isAssignableFrom(type)) {
            return collection(field, wireType);
        }
        return scalar(type, wireType);
    }

    static Object scalar(Class<?> type, Object wireType) throws Exception {
        next++;
        if (type == boolean.class) {
            return true;
        } else if (type == byte.class || type == Byte.class) {
            return (byte) next;
        } else if (type == short.class || type == Short.class) {
            return (short) next;
        } else if (type == int.class || type == Integer.class) {
            return next;
        } else if (type == long.class || type == Long.class) {
            return (1L << 40) + next;
        } else if (type == double.class) {
            return next + 0.5;
        } else if (type == String.class) {
            return "text-" + next;
        } else if (type == Uuid.class) {
            return new Uuid(next, 0xEEL);
        } else if (type == byte[].class) {
            return ("blob-" + next).getBytes();
        } else if (type == ByteBuffer.class) {
            return ByteBuffer.wrap(("blob-" + next).getBytes());
        } else if (type.getSimpleName().equals("BaseRecords")) {
            return MemoryRecords.readableRecords(ByteBuffer.wrap(("records-" + next).getBytes()));
        }
        Object nested = type.getDeclaredConstructor().newInstance();
        fill(nested, (Schema) wireType);
        return nested;
    }

    @SuppressWarnings("unchecked")
    static Object collection(Field field, Object wireType) throws Exception {
        Class<?> type = field.getType();
        Class<?> element;
        Collection<Object> made;
        if (type == List.class) {
            element = (Class<?>) ((ParameterizedType) field.getGenericType()).getActualTypeArguments()[0];
            made = new ArrayList<>();
        } else {
            element = (Class<?>) ((ParameterizedType) type.getGenericSuperclass()).getActualTypeArguments()[0];
            made = (Collection<Object>) type.getDeclaredConstructor().newInstance();
        }
        Method elementType = wireType.getClass().getMethod("arrayElementType");
        elementType.setAccessible(true);
        Object inner = ((java.util.Optional<?>) elementType.invoke(wireType)).get();
        for (int i = 0; i < 2; i++) {
            made.add(scalar(element, inner));
        }
        return made;
    }
}
