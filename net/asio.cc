// Asio compiled once, for every part that is linked with asio_dep.
#include <boost/asio/impl/src.hpp>
