// Where one of a runtime's two streams of text goes: to the process's own stream, or to JavaScript.
//
// Thread safe. JavaScript may take over the stream at any moment, once; whoever writes afterwards writes to JavaScript.
#pragma once

#include <atomic>

#include "node/mailbox.h"
#include "runtime/output.h"

namespace sloth {

class ScriptSink final : public OutputSink {
 public:
  // `fd` is 1 or 2.
  ScriptSink(Mailbox* mailbox, int fd, bool to_host)
      : mailbox_(mailbox),
        kind_(fd == 1 ? Message::Kind::kOut : Message::Kind::kErr),
        own_(fd, [mailbox, fd] { mailbox->PostBroken(fd == 1 ? "stdout" : "stderr"); }),
        to_host_(to_host) {}

  // To JavaScript it waits while a mebibyte of text is on the way.
  void Write(const char* text, size_t length) override {
    if (to_host_.load(std::memory_order_acquire)) {
      mailbox_->PostText(kind_, text, length);
    } else {
      own_.Write(text, length);
    }
  }

  // What a child has that was given it before the host took over stays the child's.
  int descriptor() const override { return to_host_.load(std::memory_order_acquire) ? -1 : own_.descriptor(); }

  void Divert() { to_host_.store(true, std::memory_order_release); }

 private:
  Mailbox* const mailbox_;
  const Message::Kind kind_;
  FdSink own_;
  // Written by the JavaScript thread; whoever sees it set also sees what was decided before, such as what to hide.
  std::atomic<bool> to_host_;
};

}  // namespace sloth
