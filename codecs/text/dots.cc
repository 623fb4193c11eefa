#include "codecs/text/dots.h"

#include "codecs/text/text_event.h"

namespace logboom {
namespace {

class dots final : public codec {
  public:
    explicit dots(text_event_options options) : options_(std::move(options)) {}

    [[nodiscard]] std::unique_ptr<decoder> make_decoder() const override {
        return make_text_decoder(options_);
    }
    void encode(const event& /*from*/, std::string& out) const override { out.push_back('.'); }

  private:
    text_event_options options_;
};

result<std::unique_ptr<codec>> make_dots(const codec_context& context) {
    LB_TRY(charset from, charset::find("UTF-8"));
    return std::make_unique<dots>(text_event_options{
        std::move(from), context.ecs != ecs_mode::disabled});
}

} // namespace

const codec_row dots_codec{"dots", {}, make_dots};

} // namespace logboom
