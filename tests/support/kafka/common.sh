# Sourced by the scripts beside it: fetches Apache Kafka once for this machine.
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
version=${KAFKA_VERSION:-4.3.1}
cache=${LOGBOOM_CACHE:-/var/tmp/logboom-$(id -u)}
jars=$cache/kafka-$version
mkdir -p "$cache"
(
  flock 9
  if [ ! -e "$jars/.complete" ]; then
    echo "fetching Apache Kafka $version" >&2
    mvn -B -q -f "$here/pom.xml" "-Dkafka.version=$version" "-Djars=$jars" \
      dependency:copy-dependencies >&2
    rm -f "$jars"/slf4j-reload4j-*.jar "$jars"/reload4j-*.jar # two slf4j back ends would fight
    touch "$jars/.complete"
  fi
) 9>"$cache/.kafka-lock"
java_kafka=(java -Djava.awt.headless=true "-Dlog4j2.configurationFile=file:$here/log4j2.properties"
  -cp "$jars/*")
